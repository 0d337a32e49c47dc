import { isIPv4 } from "../address";
import { DerError, hex, readDer, readPem, readSequence, type DerValue } from "./der";
import { certificateScheme, verify } from "./signature";

/** An X.509 certificate. https://www.rfc-editor.org/rfc/rfc5280#section-4.1 */
export interface Certificate {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The names as they are encoded, for comparing. */
  readonly subject: string;
  readonly issuer: string;
  readonly commonName: string;
  /** Epoch milliseconds. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array<ArrayBuffer>;
  readonly dnsNames: readonly string[];
  readonly addresses: readonly string[];
  readonly signed: {
    readonly data: Uint8Array<ArrayBuffer>;
    readonly oid: string;
    readonly signature: Uint8Array<ArrayBuffer>;
  };
}

/** All certificates of a PEM text. Throws `DerError`. */
export function readCertificates(pem: string): Certificate[] {
  return readPem(pem, "CERTIFICATE").map(({ bytes }) => parseCertificate(bytes));
}

export function parseCertificate(bytes: Uint8Array<ArrayBuffer>): Certificate {
  const [body, algorithm, signature] = readSequence(bytes);
  if (!body || !algorithm || !signature) throw new DerError("not a certificate");
  const fields = readDer(body.content);
  if (fields[0]?.tag === VERSION) fields.shift();
  const [, , issuer, validity, subject, publicKey, ...more] = fields;
  if (!issuer || !validity || !subject || !publicKey) throw new DerError("not a certificate");
  const [notBefore, notAfter] = readDer(validity.content);
  const alternatives = alternativeNames(more.find(({ tag }) => tag === EXTENSIONS));
  return {
    bytes,
    subject: hex(subject.content),
    issuer: hex(issuer.content),
    commonName: commonNameIn(subject),
    notBefore: timeIn(notBefore),
    notAfter: timeIn(notAfter),
    publicKey: publicKey.whole,
    dnsNames: alternatives.filter(({ tag }) => tag === DNS_NAME).map(({ content }) => text(content).toLowerCase()),
    addresses: alternatives.filter(({ tag }) => tag === IP_ADDRESS).map(({ content }) => content.join(".")),
    signed: {
      data: body.whole,
      oid: hex(readDer(algorithm.content)[0]?.content ?? new Uint8Array()),
      signature: signature.content.subarray(1),
    },
  };
}

export type Trust =
  "ok" | "self-signed" | "unknown-issuer" | "expired" | "not-yet-valid" | "wrong-name" | "bad-signature";

/** Whether a chain (the server's own certificate first) leads to an authority, is in date and is for this name. */
export async function judgeChain(
  chain: readonly Certificate[],
  authorities: readonly Certificate[],
  name: string,
  now: number,
): Promise<Trust> {
  const [leaf] = chain;
  if (!leaf) return "unknown-issuer";
  let current = leaf;
  for (let depth = 0; depth <= chain.length; depth++) {
    if (now < current.notBefore) return "not-yet-valid";
    if (now > current.notAfter) return "expired";
    if (authorities.some(({ bytes }) => hex(bytes) === hex(current.bytes))) break;
    const { issuer } = current;
    const authority = authorities.find(({ subject }) => subject === issuer);
    const parent = authority ?? chain.find((other) => other.subject === issuer && other !== current);
    if (!parent) return current.subject === current.issuer ? "self-signed" : "unknown-issuer";
    if (!(await signedBy(current, parent))) return "bad-signature";
    if (authority) break;
    current = parent;
  }
  return matchesName(leaf, name) ? "ok" : "wrong-name";
}

/** https://www.rfc-editor.org/rfc/rfc6125#section-6.4 */
export function matchesName({ dnsNames, addresses }: Certificate, name: string): boolean {
  if (isIPv4(name)) return addresses.includes(name);
  const wanted = name.toLowerCase().replace(/\.$/, "");
  return dnsNames.some(
    (each) => each === wanted || (each.startsWith("*.") && wanted.slice(wanted.indexOf(".")) === each.slice(1)),
  );
}

async function signedBy({ signed }: Certificate, { publicKey }: Certificate): Promise<boolean> {
  const scheme = certificateScheme(signed.oid, publicKey);
  return scheme !== undefined && (await verify(scheme, publicKey, signed.signature, signed.data));
}

const VERSION = 0xa0;
const EXTENSIONS = 0xa3;
const DNS_NAME = 0x82;
const IP_ADDRESS = 0x87;
const UTC_TIME = 0x17;
const COMMON_NAME = "550403";
const SUBJECT_ALT_NAME = "551d11";

function alternativeNames(extensions: DerValue | undefined): DerValue[] {
  if (!extensions) return [];
  for (const extension of readSequence(extensions.content)) {
    const parts = readDer(extension.content);
    const value = parts.at(-1);
    if (hex(parts[0]?.content ?? new Uint8Array()) === SUBJECT_ALT_NAME && value) return readSequence(value.content);
  }
  return [];
}

function commonNameIn(name: DerValue): string {
  for (const part of readDer(name.content).flatMap(({ content }) => readDer(content))) {
    const [kind, value] = readDer(part.content);
    if (kind && value && hex(kind.content) === COMMON_NAME) return text(value.content);
  }
  return "";
}

function timeIn(value: DerValue | undefined): number {
  const digits = text(value?.content ?? new Uint8Array());
  const whole = value?.tag === UTC_TIME ? `${Number(digits.slice(0, 2)) < 50 ? "20" : "19"}${digits}` : digits;
  const [, year = "", month = "", day = "", hour = "", minute = "", second = ""] =
    /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(whole) ?? [];
  return Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
