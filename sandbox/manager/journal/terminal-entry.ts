/**
 * The data of a `terminal` entry, version 1: raw output. One that is whole holds all there was in the ring; others
 * follow on.
 */
export const TERMINAL_FORMAT = 1;

/** As much as a terminal keeps. */
const MOST_BYTES = 256 * 1024;

export function joinOutput(parts: readonly Uint8Array[]): Uint8Array {
  const all = Buffer.concat(parts);
  return all.subarray(Math.max(0, all.length - MOST_BYTES));
}
