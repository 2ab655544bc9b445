/** See vendor-cli.mjs. */
export function installVendorCli(folder: string): Promise<string>;
