/** See lost.mjs. */
export function unexplained(
  lost: readonly { readonly token: string; readonly began: number; readonly ended: number }[],
  crashes: readonly { readonly token: string; readonly at: number; readonly gone: number }[],
): readonly string[];

export function unexpected(
  problems: readonly { readonly service: string | null; readonly message: string }[],
  lost: readonly { readonly token: string; readonly id: string }[],
): readonly string[];
