import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  sign,
  verify,
  X509Certificate,
  type KeyObject,
} from "node:crypto";
import { isIPv4 } from "node:net";
import type { CertificateContent, CertificateSigner, SignedRequest } from "../api/certificate-signer";
import { extendedKeyUsage, keyUsage } from "./certificate-usages";
import { bits, boolean, integer, octets, oid, pem, sequence, set, tagged, text, time } from "./der";

/** A certificate and its private key, both PEM. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

/** Who a certificate is for, and for what. */
export interface CertificateRequest {
  readonly commonName: string;
  /** Groups, to Kubernetes. */
  readonly organizations?: readonly string[];
  readonly usage: "server" | "client";
  /** Names a server answers to; IPv4 addresses among them. */
  readonly names?: readonly string[];
}

/** Certificates do not outlive their authority, and a sandbox may sleep for long. */
const LIFETIME_MS = 3650 * 24 * 3600 * 1000;
// Clocks of client and server may differ a little.
const BACKDATED_MS = 5 * 60 * 1000;

/** A P-256 authority that signs the certificates of one cluster. Making one, or a certificate, takes under a millisecond. */
export class CertificateAuthority implements KeyPair, CertificateSigner {
  readonly cert: string;
  readonly key: string;
  readonly notAfter: number;
  readonly #privateKey: KeyObject;
  readonly #subject: Uint8Array;
  readonly #keyId: Uint8Array;

  /** From the PEM texts of `cert` and `key`, as a snapshot keeps them. */
  constructor({ cert, key }: KeyPair) {
    this.cert = cert;
    this.key = key;
    this.notAfter = Date.parse(new X509Certificate(cert).validTo);
    this.#privateKey = createPrivateKey(key);
    this.#subject = nameOf(commonNameOf(cert), []);
    this.#keyId = keyIdOf(createPublicKey(this.#privateKey));
  }

  /** `now` in epoch milliseconds. */
  static create(commonName: string, now: number): CertificateAuthority {
    const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const name = nameOf(commonName, []);
    const extensions = [
      extension("2.5.29.15", bits(Uint8Array.of(0b1010_0100), 2), true), // digitalSignature, keyEncipherment, keyCertSign
      extension("2.5.29.19", sequence(boolean(true)), true),
      extension("2.5.29.14", octets(keyIdOf(publicKey))),
      extension("2.5.29.17", sequence(dnsName(commonName))),
    ];
    const cert = certificate({
      issuer: name,
      subject: name,
      publicKey: spkiOf(publicKey),
      extensions,
      ...lifetimeFrom(now),
      signingKey: privateKey,
    });
    return new CertificateAuthority({ cert, key: privateKeyPem(privateKey) });
  }

  issue(request: CertificateRequest, now: number): KeyPair {
    const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    return { cert: this.sign(publicKey, request, now), key: privateKeyPem(privateKey) };
  }

  /** Signs somebody else's public key. */
  sign(
    publicKey: KeyObject,
    { commonName, organizations = [], usage, names = [] }: CertificateRequest,
    now: number,
  ): string {
    const extensions = [
      extension("2.5.29.15", bits(Uint8Array.of(0b1010_0000), 5), true), // digitalSignature, keyEncipherment
      extension("2.5.29.37", sequence(oid(usage === "server" ? "1.3.6.1.5.5.7.3.1" : "1.3.6.1.5.5.7.3.2"))),
      extension("2.5.29.19", sequence(), true),
      extension("2.5.29.35", sequence(tagged(0x80, this.#keyId))),
    ];
    if (names.length > 0)
      extensions.push(
        extension("2.5.29.17", sequence(...names.map((name) => (isIPv4(name) ? ipAddress(name) : dnsName(name))))),
      );
    const subject = nameOf(commonName, organizations);
    return certificate({
      issuer: this.#subject,
      subject,
      publicKey: spkiOf(publicKey),
      extensions,
      ...lifetimeFrom(now),
      signingKey: this.#privateKey,
    });
  }

  verify({ content, publicKey, algorithm, signature }: SignedRequest): boolean {
    const hash = SIGNATURES[algorithm];
    if (hash === undefined) return false;
    try {
      const key = createPublicKey({ key: Buffer.from(publicKey), format: "der", type: "spki" });
      return verify(hash === "" ? null : hash, content, key, signature);
    } catch {
      // A key that cannot be read has signed nothing.
      return false;
    }
  }

  signCertificate({ usages, alternativeNames, ...content }: CertificateContent): string {
    const [key, extended] = [keyUsage(usages), extendedKeyUsage(usages)];
    const extensions = [
      ...(key ? [extension("2.5.29.15", key, true)] : []),
      ...(extended ? [extension("2.5.29.37", extended)] : []),
      extension("2.5.29.19", sequence(), true),
      extension("2.5.29.35", sequence(tagged(0x80, this.#keyId))),
      ...(alternativeNames ? [extension("2.5.29.17", alternativeNames)] : []),
    ];
    return certificate({ ...content, issuer: this.#subject, extensions, signingKey: this.#privateKey });
  }
}

interface CertificateFields {
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  /** DER. */
  readonly publicKey: Uint8Array;
  readonly extensions: readonly Uint8Array[];
  readonly notBefore: number;
  readonly notAfter: number;
  readonly signingKey: KeyObject;
}

/** https://www.rfc-editor.org/rfc/rfc5280#section-4.1 */
function certificate({
  issuer,
  subject,
  publicKey,
  extensions,
  notBefore,
  notAfter,
  signingKey,
}: CertificateFields): string {
  const algorithm = sequence(oid("1.2.840.10045.4.3.2")); // ecdsa-with-SHA256
  const serial = randomBytes(8);
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  const body = sequence(
    tagged(0xa0, integer(Uint8Array.of(2))),
    integer(serial),
    algorithm,
    issuer,
    sequence(time(notBefore), time(notAfter)),
    subject,
    publicKey,
    tagged(0xa3, sequence(...extensions)),
  );
  return pem("CERTIFICATE", sequence(body, algorithm, bits(sign("sha256", body, signingKey))));
}

function extension(id: string, value: Uint8Array, isCritical = false): Uint8Array {
  return isCritical ? sequence(oid(id), boolean(true), octets(value)) : sequence(oid(id), octets(value));
}

function nameOf(commonName: string, organizations: readonly string[]): Uint8Array {
  const parts = organizations.map((organization) => set(sequence(oid("2.5.4.10"), text(organization))));
  return sequence(...parts, set(sequence(oid("2.5.4.3"), text(commonName))));
}

function dnsName(name: string): Uint8Array {
  return tagged(0x82, Buffer.from(name, "ascii"));
}

function ipAddress(address: string): Uint8Array {
  return tagged(0x87, Uint8Array.from(address.split(".").map(Number)));
}

function keyIdOf(publicKey: KeyObject): Uint8Array {
  return createHash("sha256").update(spkiOf(publicKey)).digest().subarray(0, 20);
}

function spkiOf(publicKey: KeyObject): Uint8Array {
  return publicKey.export({ type: "spki", format: "der" });
}

function lifetimeFrom(now: number): { notBefore: number; notAfter: number } {
  return { notBefore: now - BACKDATED_MS, notAfter: now + LIFETIME_MS };
}

/** Signature algorithm → its hash; none for those that bring their own. */
const SIGNATURES: Readonly<Record<string, string | undefined>> = {
  "1.2.840.10045.4.3.2": "sha256",
  "1.2.840.10045.4.3.3": "sha384",
  "1.2.840.10045.4.3.4": "sha512",
  "1.2.840.113549.1.1.11": "sha256",
  "1.2.840.113549.1.1.12": "sha384",
  "1.2.840.113549.1.1.13": "sha512",
  "1.3.101.112": "",
};

function privateKeyPem(key: KeyObject): string {
  return key.export({ type: "sec1", format: "pem" }).toString();
}

function commonNameOf(cert: string): string {
  return /^CN=(.*)$/m.exec(new X509Certificate(cert).subject)?.[1] ?? "";
}
