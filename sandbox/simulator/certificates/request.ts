import type { SignedRequest } from "../api/certificate-signer";
import { bitsOf, DER, DerError, oidOf, partsOf, readAll, type DerValue } from "./der-reader";

/** A PKCS#10 request, read. https://www.rfc-editor.org/rfc/rfc2986 */
export interface CertificateRequest extends SignedRequest {
  readonly commonName: string;
  readonly organizations: readonly string[];
  /** DER of the whole name. */
  readonly subject: Uint8Array;
  /** DER of the wanted alternative names, and how many of each sort they are. */
  readonly alternativeNames?: Uint8Array;
  readonly names: Readonly<Record<NameSort, number>>;
}

type NameSort = "dns" | "email" | "ip" | "uri";

/** `text` is what `spec.request` holds: PEM in base64. Throws an Error in the server's words. */
export function parseRequest(text: string): CertificateRequest {
  const [request, rest] = contentOf(pemContent(text));
  const [, subject, publicKey, attributes] = partsOf(request, DER.sequence);
  const [algorithm, signature] = rest;
  if (!request || !subject || !publicKey) throw new DerError("asn1: structure error: sequence truncated");
  const names = subjectOf(subject);
  const wanted = attributes && alternativeNamesOf(attributes);
  return {
    content: request.whole,
    publicKey: publicKey.whole,
    algorithm: oidOf(partsOf(algorithm, DER.sequence)[0]),
    signature: bitsOf(signature),
    subject: subject.whole,
    commonName: names.get(COMMON_NAME)?.at(-1) ?? "",
    organizations: names.get(ORGANIZATION) ?? [],
    ...(wanted && { alternativeNames: wanted.content }),
    names: countNames(wanted),
  };
}

function contentOf(bytes: Uint8Array): [DerValue | undefined, DerValue[]] {
  const [outer] = readAll(bytes);
  const [request, ...rest] = partsOf(outer, DER.sequence);
  return [request, rest];
}

const COMMON_NAME = "2.5.4.3";
const ORGANIZATION = "2.5.4.10";
const EXTENSION_REQUEST = "1.2.840.113549.1.9.14";
const ALTERNATIVE_NAMES = "2.5.29.17";

function pemContent(text: string): Uint8Array {
  const pem = decodeBase64(text);
  const found = pem && /-----BEGIN ([A-Z0-9 ]+)-----\s+([A-Za-z0-9+/=\s]*)-----END \1-----/.exec(pem);
  const bytes = found && found[1] === "CERTIFICATE REQUEST" ? decodeBase64(found[2] ?? "") : undefined;
  if (bytes === undefined) throw new Error("PEM block type must be CERTIFICATE REQUEST");
  return Uint8Array.from(bytes, (letter) => letter.charCodeAt(0));
}

function decodeBase64(text: string): string | undefined {
  try {
    return atob(text.replace(/\s+/g, ""));
  } catch {
    // Not base64: then it is no PEM either.
    return undefined;
  }
}

/** Attribute → its values, in order. */
function subjectOf(name: DerValue): Map<string, string[]> {
  const values = new Map<string, string[]>();
  for (const part of partsOf(name, DER.sequence))
    for (const attribute of partsOf(part, DER.set)) {
      const [id, value] = partsOf(attribute, DER.sequence);
      const type = oidOf(id);
      values.set(type, [...(values.get(type) ?? []), new TextDecoder().decode(value?.content)]);
    }
  return values;
}

function alternativeNamesOf(attributes: DerValue): DerValue | undefined {
  for (const attribute of readAll(attributes.content)) {
    const [id, values] = partsOf(attribute, DER.sequence);
    if (oidOf(id) !== EXTENSION_REQUEST) continue;
    const [extensions] = partsOf(values, DER.set);
    for (const extension of partsOf(extensions, DER.sequence)) {
      const [type, ...parts] = partsOf(extension, DER.sequence);
      if (oidOf(type) === ALTERNATIVE_NAMES) return parts.at(-1);
    }
  }
  return undefined;
}

const SORTS: Readonly<Record<number, NameSort | undefined>> = { 0x81: "email", 0x82: "dns", 0x86: "uri", 0x87: "ip" };

function countNames(wanted: DerValue | undefined): Record<NameSort, number> {
  const counts = { dns: 0, email: 0, ip: 0, uri: 0 };
  if (!wanted) return counts;
  for (const { tag } of partsOf(readAll(wanted.content)[0], DER.sequence)) {
    const sort = SORTS[tag];
    if (sort) counts[sort]++;
  }
  return counts;
}
