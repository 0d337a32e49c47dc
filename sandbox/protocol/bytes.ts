import { z } from "zod";

/** Bytes in an answer, whichever way they came: as they are, or as base64 from who speaks version 1. */
export const bytesSchema = z.union([
  z.custom<Uint8Array>((value) => value instanceof Uint8Array),
  z.base64().transform((text): Uint8Array => Uint8Array.from(atob(text), (character) => character.charCodeAt(0))),
]);
