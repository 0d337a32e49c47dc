/**
 * A part that the schema requires but a client may have left out all the same: lists and optional structs come without
 * it through decoding, and validation has yet to say so.
 */
export function asSent<T>(value: T): T | undefined {
  return value;
}
