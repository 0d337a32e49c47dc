import { DER, DerError, encodeDer, hex, joinBytes, readDer, readPem, readSequence } from "./der";
import { subtle } from "../../subtle";

/** A way to sign and verify, by TLS's number for it. https://www.rfc-editor.org/rfc/rfc8446#section-4.2.3 */
export interface SignatureScheme {
  readonly code: number;
  readonly key: EcKeyImportParams | RsaHashedImportParams;
  readonly sign: AlgorithmIdentifier | EcdsaParams | RsaPssParams;
  /** Bytes of each of a DER signature's two numbers; 0 where the signature is one number. */
  readonly half: number;
}

const RSA_KEY = "2a864886f70d010101";
const P256 = "2a8648ce3d030107";
const P384 = "2b81040022";

const ECDSA_P256: SignatureScheme = {
  code: 0x0403,
  key: { name: "ECDSA", namedCurve: "P-256" },
  sign: { name: "ECDSA", hash: "SHA-256" },
  half: 32,
};
const ECDSA_P384: SignatureScheme = {
  code: 0x0503,
  key: { name: "ECDSA", namedCurve: "P-384" },
  sign: { name: "ECDSA", hash: "SHA-384" },
  half: 48,
};
const RSA_PSS: SignatureScheme = {
  code: 0x0804,
  key: { name: "RSA-PSS", hash: "SHA-256" },
  sign: { name: "RSA-PSS", saltLength: 32 },
  half: 0,
};

export const SCHEMES: readonly SignatureScheme[] = [ECDSA_P256, ECDSA_P384, RSA_PSS];

/** How a public key (SubjectPublicKeyInfo) signs in a handshake; `undefined` for kinds of keys we do not know. */
export function schemeOf(publicKey: Uint8Array<ArrayBuffer>): SignatureScheme | undefined {
  const [algorithm] = readSequence(publicKey);
  const [kind, curve] = readDer(algorithm?.content ?? new Uint8Array());
  if (hex(kind?.content ?? new Uint8Array()) === RSA_KEY) return RSA_PSS;
  const name = hex(curve?.content ?? new Uint8Array());
  return name === P256 ? ECDSA_P256 : name === P384 ? ECDSA_P384 : undefined;
}

export async function sign(
  scheme: SignatureScheme,
  key: CryptoKey,
  data: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  const signature = new Uint8Array(await subtle.sign(scheme.sign, key, data));
  if (scheme.half === 0) return signature;
  return encodeDer(
    DER.SEQUENCE,
    unsigned(signature.subarray(0, scheme.half)),
    unsigned(signature.subarray(scheme.half)),
  );
}

export async function verify(
  scheme: SignatureScheme,
  publicKey: Uint8Array<ArrayBuffer>,
  signature: Uint8Array<ArrayBuffer>,
  data: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  const key = await subtle.importKey("spki", publicKey, scheme.key, false, ["verify"]);
  return subtle.verify(scheme.sign, key, scheme.half === 0 ? signature : plain(signature, scheme.half), data);
}

/** How a certificate's own signature is checked, by its algorithm's OID in hex. */
export function certificateScheme(oid: string, publicKey: Uint8Array<ArrayBuffer>): SignatureScheme | undefined {
  const ecdsa: Readonly<Record<string, string>> = {
    "2a8648ce3d040302": "SHA-256",
    "2a8648ce3d040303": "SHA-384",
    "2a8648ce3d040304": "SHA-512",
  };
  const rsa: Readonly<Record<string, string>> = {
    "2a864886f70d01010b": "SHA-256",
    "2a864886f70d01010c": "SHA-384",
    "2a864886f70d01010d": "SHA-512",
  };
  const own = schemeOf(publicKey);
  const hash = ecdsa[oid];
  if (hash !== undefined && own && own.half > 0) return { ...own, sign: { name: "ECDSA", hash } };
  const rsaHash = rsa[oid];
  if (rsaHash === undefined || own?.half !== 0) return undefined;
  const name = "RSASSA-PKCS1-v1_5";
  return { ...own, key: { name, hash: rsaHash }, sign: { name } };
}

/**
 * A private key from PEM: PKCS #8, or what openssl wrote before it (`EC PRIVATE KEY`, `RSA PRIVATE KEY`). `publicKey` is
 * that of its certificate. Throws `DerError`.
 */
export async function importPrivateKey(pem: string, publicKey: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  const [block] = readPem(pem, "PRIVATE KEY");
  const scheme = schemeOf(publicKey);
  if (!block || !scheme) throw new DerError("no private key of a known kind");
  const [algorithm] = readSequence(publicKey);
  if (!algorithm) throw new DerError("no public key");
  const wrapped =
    block.label === "PRIVATE KEY"
      ? block.bytes
      : encodeDer(
          DER.SEQUENCE,
          encodeDer(DER.INTEGER, Uint8Array.of(0)),
          algorithm.whole,
          encodeDer(DER.OCTETS, block.bytes),
        );
  try {
    return await subtle.importKey("pkcs8", wrapped, scheme.key, false, ["sign"]);
  } catch (error) {
    throw new DerError("the private key cannot be read", { cause: error });
  }
}

function unsigned(bytes: Uint8Array): Uint8Array {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start++;
  const digits = bytes.subarray(start);
  return encodeDer(DER.INTEGER, (digits[0] ?? 0) >= 0x80 ? joinBytes(Uint8Array.of(0), digits) : digits);
}

function plain(signature: Uint8Array<ArrayBuffer>, half: number): Uint8Array<ArrayBuffer> {
  const numbers = readSequence(signature).map(({ content }) => {
    const digits = content.subarray(Math.max(0, content.length - half));
    return joinBytes(new Uint8Array(half - digits.length), digits);
  });
  return joinBytes(...numbers);
}
