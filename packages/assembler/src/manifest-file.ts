/** Where a deployment's manifest lies in its directory. */
export const MANIFEST_FILE = 'deployment.json';
