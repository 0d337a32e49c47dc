import { z } from "zod";

/** The content type of an answer that is a line of JSON and then bytes. */
export const PACKED = "application/vnd.slipway.packed";

/** Since when there are such answers. */
const PACKED_SINCE = 2;

/** `bytes` is the name of the field that what comes after the line belongs into. */
const headSchema = z.object({ bytes: z.string(), fields: z.record(z.string(), z.unknown()) });

/** An answer's body for the wire. At most one of its fields is bytes, and none of those further in. */
export function pack(body: unknown, version: number): { type: string; payload: string | Buffer } {
  const field = bytesField(body);
  if (!field) return { type: "application/json", payload: JSON.stringify(body) };
  const [name, bytes, fields] = field;
  if (version < PACKED_SINCE) {
    const base64 = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
    return { type: "application/json", payload: JSON.stringify({ ...fields, [name]: base64 }) };
  }
  const head: z.infer<typeof headSchema> = { bytes: name, fields };
  return { type: PACKED, payload: Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), bytes]) };
}

/** Undefined for what is no such answer. */
export function unpack(payload: Buffer): unknown {
  const end = payload.indexOf(0x0a);
  try {
    const head = headSchema.parse(JSON.parse(payload.toString("utf8", 0, Math.max(0, end))));
    return { ...head.fields, [head.bytes]: new Uint8Array(payload.subarray(end + 1)) };
  } catch {
    return undefined; // what no schema accepts
  }
}

function bytesField(body: unknown): [name: string, bytes: Uint8Array, others: Record<string, unknown>] | undefined {
  if (typeof body !== "object" || body === null) return undefined;
  for (const [name, value] of Object.entries(body)) {
    if (!(value instanceof Uint8Array)) continue;
    return [name, value, Object.fromEntries(Object.entries(body).filter(([other]) => other !== name))];
  }
  return undefined;
}
