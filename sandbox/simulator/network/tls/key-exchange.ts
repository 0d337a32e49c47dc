import { subtle } from "../../subtle";
/** Ways to agree on a secret, by TLS's number for them. */
export interface Group {
  readonly code: number;
  readonly algorithm: { readonly name: string; readonly namedCurve?: string };
}

const X25519: Group = { code: 0x001d, algorithm: { name: "X25519" } };
const SECP256R1: Group = { code: 0x0017, algorithm: { name: "ECDH", namedCurve: "P-256" } };
export const GROUPS: readonly Group[] = [X25519, SECP256R1];

/** A fresh key: what to send to the peer, and what comes of the peer's. */
export async function newKeyShare({ algorithm }: Group): Promise<{
  readonly share: Uint8Array<ArrayBuffer>;
  agree(peer: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>>;
}> {
  const pair = await subtle.generateKey(algorithm, false, ["deriveBits"]);
  if (!("privateKey" in pair)) throw new TypeError("a key exchange needs a pair of keys");
  return {
    share: new Uint8Array(await subtle.exportKey("raw", pair.publicKey)),
    agree: async (peer) => {
      const theirs = await subtle.importKey("raw", peer, algorithm, false, []);
      const bits = await subtle.deriveBits({ name: algorithm.name, public: theirs }, pair.privateKey, 256);
      return new Uint8Array(bits);
    },
  };
}
