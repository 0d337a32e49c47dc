import { joinBytes } from "./der";
import { subtle } from "../../subtle";

/** Secrets of a TLS 1.3 connection with SHA-256. https://www.rfc-editor.org/rfc/rfc8446#section-7.1 */
type Bytes = Uint8Array<ArrayBuffer>;

const HASH_BYTES = 32;
const ZEROS = new Uint8Array(HASH_BYTES);

export interface TrafficSecrets {
  readonly client: Bytes;
  readonly server: Bytes;
}

/** `transcript` is the hash of the messages up to ServerHello; `next` takes it up to the server's Finished. */
export async function handshakeSecrets(
  shared: Bytes,
  transcript: Bytes,
): Promise<TrafficSecrets & { next(transcript: Bytes): Promise<TrafficSecrets> }> {
  const nothing = await sha256(new Uint8Array());
  const early = await hmac(ZEROS, ZEROS);
  const handshake = await hmac(await expandLabel(early, "derived", nothing, HASH_BYTES), shared);
  return {
    client: await expandLabel(handshake, "c hs traffic", transcript, HASH_BYTES),
    server: await expandLabel(handshake, "s hs traffic", transcript, HASH_BYTES),
    next: async (whole) => {
      const master = await hmac(await expandLabel(handshake, "derived", nothing, HASH_BYTES), ZEROS);
      return {
        client: await expandLabel(master, "c ap traffic", whole, HASH_BYTES),
        server: await expandLabel(master, "s ap traffic", whole, HASH_BYTES),
      };
    },
  };
}

/** What a Finished message holds. */
export async function finishedValue(secret: Bytes, transcript: Bytes): Promise<Bytes> {
  return hmac(await expandLabel(secret, "finished", new Uint8Array(), HASH_BYTES), transcript);
}

export async function trafficKey(secret: Bytes): Promise<{ key: CryptoKey; iv: Bytes }> {
  const raw = await expandLabel(secret, "key", new Uint8Array(), 16);
  return {
    key: await subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]),
    iv: await expandLabel(secret, "iv", new Uint8Array(), 12),
  };
}

export async function sha256(...parts: readonly Uint8Array[]): Promise<Bytes> {
  return new Uint8Array(await subtle.digest("SHA-256", joinBytes(...parts)));
}

// One block is enough: nothing here is longer than a hash.
async function expandLabel(secret: Bytes, label: string, context: Bytes, length: number): Promise<Bytes> {
  const name = new TextEncoder().encode(`tls13 ${label}`);
  const info = joinBytes(
    Uint8Array.of(length >>> 8, length & 255, name.length),
    name,
    Uint8Array.of(context.length),
    context,
    Uint8Array.of(1),
  );
  return (await hmac(secret, info)).slice(0, length);
}

async function hmac(key: Bytes, data: Bytes): Promise<Bytes> {
  const imported = await subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await subtle.sign("HMAC", imported, data));
}
