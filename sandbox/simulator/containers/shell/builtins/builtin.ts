import type { Shell } from "../shell";

/** Runs inside the shell's own process. */
export type Builtin = (shell: Shell, args: readonly string[], name: string) => Promise<number>;

/** The value as the shell could read it again. */
export function quote(text: string): string {
  return `'${text.replace(/'/g, "'\\''")}'`;
}

/** Orders entries by their names. */
export function byName(a: readonly [string, unknown], b: readonly [string, unknown]): number {
  return a[0] < b[0] ? -1 : 1;
}
