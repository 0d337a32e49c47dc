import { DER, encodeDer, joinBytes } from "./der";
import type { TlsIdentity } from "./server";
import { schemeOf, sign } from "./signature";
import { subtle } from "../../subtle";

const DAY_MS = 86_400_000;

/** A new key with a certificate that it signs itself: what a server shows that was given none. */
export async function selfSignedIdentity(
  { commonName, organization, name }: { commonName: string; organization: string; name: string },
  now: number,
): Promise<TlsIdentity> {
  const pair = await subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]);
  const publicKey = new Uint8Array(await subtle.exportKey("spki", pair.publicKey));
  const scheme = schemeOf(publicKey);
  if (!scheme) throw new TypeError("an ECDSA key signs");
  const algorithm = encodeDer(DER.SEQUENCE, oid("1.2.840.10045.4.3.2"));
  const subject = encodeDer(DER.SEQUENCE, attribute("2.5.4.10", organization), attribute("2.5.4.3", commonName));
  const serial = crypto.getRandomValues(new Uint8Array(8));
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  const names = encodeDer(DER.SEQUENCE, encodeDer(0x82, text(name)));
  const body = encodeDer(
    DER.SEQUENCE,
    encodeDer(0xa0, encodeDer(DER.INTEGER, Uint8Array.of(2))),
    encodeDer(DER.INTEGER, serial),
    algorithm,
    subject,
    encodeDer(DER.SEQUENCE, utcTime(now), utcTime(now + 365 * DAY_MS)),
    subject,
    publicKey,
    encodeDer(0xa3, encodeDer(DER.SEQUENCE, encodeDer(DER.SEQUENCE, oid("2.5.29.17"), encodeDer(DER.OCTETS, names)))),
  );
  const signature = joinBytes(Uint8Array.of(0), await sign(scheme, pair.privateKey, body));
  const certificate = encodeDer(DER.SEQUENCE, body, algorithm, encodeDer(DER.BITS, signature));
  return { chain: [certificate], key: pair.privateKey, scheme };
}

function attribute(id: string, value: string): Uint8Array {
  return encodeDer(0x31, encodeDer(DER.SEQUENCE, oid(id), encodeDer(0x0c, text(value))));
}

function utcTime(ms: number): Uint8Array {
  return encodeDer(
    0x17,
    text(
      new Date(ms)
        .toISOString()
        .replace(/[-:T]|\.\d+/g, "")
        .slice(2),
    ),
  );
}

function oid(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  return encodeDer(DER.OID, Uint8Array.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(value: number): number[] {
  const digits = [value & 127];
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) digits.unshift((rest & 127) | 128);
  return digits;
}

function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}
