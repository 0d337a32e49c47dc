import { bits, oid, sequence } from "./der";

/** The key usage extension's value for Kubernetes' names of usages; `undefined` when none of them is one. */
export function keyUsage(usages: readonly string[]): Uint8Array | undefined {
  const numbers = usages.map((usage) => KEY_USAGES[usage]).filter((number) => number !== undefined);
  if (numbers.length === 0) return undefined;
  const last = Math.max(...numbers);
  const bytes = new Uint8Array(Math.floor(last / 8) + 1);
  for (const number of numbers) {
    const at = Math.floor(number / 8);
    bytes[at] = (bytes[at] ?? 0) | (0x80 >> (number % 8));
  }
  return bits(bytes, 7 - (last % 8));
}

/** The extended key usage extension's value. */
export function extendedKeyUsage(usages: readonly string[]): Uint8Array | undefined {
  const ids = [...new Set(usages.map((usage) => EXTENDED[usage]))].filter((id) => id !== undefined);
  return ids.length === 0 ? undefined : sequence(...ids.map(oid));
}

// https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.3
const KEY_USAGES: Readonly<Record<string, number | undefined>> = {
  signing: 0,
  "digital signature": 0,
  "content commitment": 1,
  "key encipherment": 2,
  "data encipherment": 3,
  "key agreement": 4,
  "cert sign": 5,
  "crl sign": 6,
  "encipher only": 7,
  "decipher only": 8,
};

const EXTENDED: Readonly<Record<string, string | undefined>> = {
  any: "2.5.29.37.0",
  "server auth": "1.3.6.1.5.5.7.3.1",
  "client auth": "1.3.6.1.5.5.7.3.2",
  "code signing": "1.3.6.1.5.5.7.3.3",
  "email protection": "1.3.6.1.5.5.7.3.4",
  "s/mime": "1.3.6.1.5.5.7.3.4",
  "ipsec end system": "1.3.6.1.5.5.7.3.5",
  "ipsec tunnel": "1.3.6.1.5.5.7.3.6",
  "ipsec user": "1.3.6.1.5.5.7.3.7",
  timestamping: "1.3.6.1.5.5.7.3.8",
  "ocsp signing": "1.3.6.1.5.5.7.3.9",
  "microsoft sgc": "1.3.6.1.4.1.311.10.3.3",
  "netscape sgc": "2.16.840.1.113730.4.1",
};
