import { formatIPv4, parseIPv4 } from "./address";

/** DNS messages on the wire (RFC 1035, 2782, 3596): only what a cluster's names need. */
export const DNS_TYPES = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  ANY: 255,
} as const;
export type DnsType = keyof typeof DNS_TYPES;
export const DNS_CODES = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5 } as const;
export type DnsCode = keyof typeof DNS_CODES;

/** Names are lower case as asked, without the final dot; "" is the root. */
export interface DnsQuestion {
  readonly name: string;
  readonly type: number;
}

export type DnsRecord = { readonly name: string; readonly ttl: number } & (
  | { readonly type: "A" | "AAAA"; readonly address: string }
  | { readonly type: "CNAME" | "PTR" | "NS"; readonly target: string }
  | {
      readonly type: "SRV";
      readonly priority: number;
      readonly weight: number;
      readonly port: number;
      readonly target: string;
    }
  | { readonly type: "SOA"; readonly primary: string; readonly mailbox: string; readonly serial: number }
);

export interface DnsMessage {
  readonly id: number;
  readonly response: boolean;
  readonly code: number;
  readonly authoritative: boolean;
  readonly recursionDesired: boolean;
  readonly questions: readonly DnsQuestion[];
  readonly answers: readonly DnsRecord[];
  readonly authorities: readonly DnsRecord[];
  readonly additionals: readonly DnsRecord[];
}

/** The message is not DNS: too short, or its names and lengths do not add up. */
export class DnsFormatError extends Error {
  override readonly name = "DnsFormatError";
}

export function query(id: number, name: string, type: DnsType): Uint8Array {
  return encodeMessage({
    id,
    response: false,
    code: 0,
    authoritative: false,
    recursionDesired: true,
    questions: [{ name: name.replace(/\.$/, ""), type: DNS_TYPES[type] }],
    answers: [],
    authorities: [],
    additionals: [],
  });
}

export function encodeMessage(message: DnsMessage): Uint8Array {
  const out = new DnsWriter();
  const { answers, authorities, additionals, questions } = message;
  out.uint16(message.id);
  out.uint16(
    (message.response ? 0x8000 | 0x0080 : 0) | // an answer always offers recursion
      (message.authoritative ? 0x0400 : 0) |
      (message.recursionDesired ? 0x0100 : 0) |
      message.code,
  );
  for (const section of [questions, answers, authorities, additionals]) out.uint16(section.length);
  for (const question of questions) {
    out.name(question.name);
    out.uint16(question.type);
    out.uint16(CLASS_IN);
  }
  for (const record of [...answers, ...authorities, ...additionals]) out.record(record);
  return out.bytes();
}

export function decodeMessage(bytes: Uint8Array): DnsMessage {
  const input = new DnsReader(bytes);
  const id = input.uint16();
  const flags = input.uint16();
  const counts = [input.uint16(), input.uint16(), input.uint16(), input.uint16()] as const;
  const questions = Array.from({ length: counts[0] }, () => {
    const question = { name: input.name(), type: input.uint16() };
    input.uint16();
    return question;
  });
  const section = (count: number): DnsRecord[] =>
    Array.from({ length: count }, () => input.record()).flatMap((r) => r ?? []);
  return {
    id,
    response: (flags & 0x8000) !== 0,
    code: flags & 0x000f,
    authoritative: (flags & 0x0400) !== 0,
    recursionDesired: (flags & 0x0100) !== 0,
    questions,
    answers: section(counts[1]),
    authorities: section(counts[2]),
    additionals: section(counts[3]),
  };
}

const CLASS_IN = 1;
const MAX_LABEL = 63;
const MAX_NAME = 255;

class DnsWriter {
  readonly #bytes: number[] = [];
  readonly #names = new Map<string, number>();

  uint16(value: number): void {
    this.#bytes.push((value >>> 8) & 255, value & 255);
  }

  uint32(value: number): void {
    this.uint16(value >>> 16);
    this.uint16(value & 0xffff);
  }

  /** A name, pointing back to where its tail was written before. */
  name(name: string): void {
    for (let rest = name; rest !== "";) {
      const known = this.#names.get(rest);
      if (known !== undefined) {
        this.uint16(0xc000 | known);
        return;
      }
      if (this.#bytes.length < 0x4000) this.#names.set(rest, this.#bytes.length);
      const dot = rest.indexOf(".");
      const label = new TextEncoder().encode(dot < 0 ? rest : rest.slice(0, dot));
      if (label.length === 0 || label.length > MAX_LABEL) throw new DnsFormatError(`bad label in ${name}`);
      this.#bytes.push(label.length, ...label);
      rest = dot < 0 ? "" : rest.slice(dot + 1);
    }
    this.#bytes.push(0);
  }

  record(record: DnsRecord): void {
    this.name(record.name);
    this.uint16(DNS_TYPES[record.type]);
    this.uint16(CLASS_IN);
    this.uint32(record.ttl);
    const lengthAt = this.#bytes.length;
    this.uint16(0);
    this.#data(record);
    const length = this.#bytes.length - lengthAt - 2;
    this.#bytes[lengthAt] = length >>> 8;
    this.#bytes[lengthAt + 1] = length & 255;
  }

  bytes(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }

  #data(record: DnsRecord): void {
    switch (record.type) {
      case "A":
        this.uint32(parseIPv4(record.address) ?? 0);
        return;
      case "AAAA":
        for (const group of record.address.split(":")) this.uint16(parseInt(group || "0", 16));
        return;
      case "CNAME":
      case "PTR":
      case "NS":
        this.name(record.target);
        return;
      case "SRV":
        for (const value of [record.priority, record.weight, record.port]) this.uint16(value);
        this.name(record.target);
        return;
      case "SOA":
        this.name(record.primary);
        this.name(record.mailbox);
        // Refresh, retry, expire and minimum as CoreDNS's kubernetes plugin states them.
        for (const value of [record.serial, 7200, 1800, 86_400, record.ttl]) this.uint32(value);
    }
  }
}

class DnsReader {
  #offset = 0;
  readonly #view: DataView;

  constructor(readonly bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  uint16(): number {
    if (this.#offset + 2 > this.bytes.length) throw new DnsFormatError("message too short");
    this.#offset += 2;
    return this.#view.getUint16(this.#offset - 2);
  }

  uint32(): number {
    return this.uint16() * 0x10000 + this.uint16();
  }

  name(): string {
    const labels: string[] = [];
    let offset = this.#offset;
    let end: number | undefined;
    for (let size = 0; ;) {
      const length = this.bytes[offset];
      if (length === undefined) throw new DnsFormatError("name runs over the end");
      if (length >= 0xc0) {
        const target = ((length & 0x3f) << 8) | (this.bytes[offset + 1] ?? 0);
        end ??= offset + 2;
        // A pointer may only lead back, so following it ends.
        if (target >= offset) throw new DnsFormatError("name points forward");
        offset = target;
        continue;
      }
      offset += 1;
      if (length === 0) break;
      size += length + 1;
      if (length > MAX_LABEL || size > MAX_NAME || offset + length > this.bytes.length)
        throw new DnsFormatError("bad name");
      labels.push(new TextDecoder().decode(this.bytes.subarray(offset, offset + length)));
      offset += length;
    }
    this.#offset = end ?? offset;
    return labels.join(".").toLowerCase();
  }

  /** `undefined` for a type we do not know (EDNS options, TXT, …): skipped. */
  record(): DnsRecord | undefined {
    const name = this.name();
    const type = this.uint16();
    this.uint16();
    const ttl = this.uint32();
    const length = this.uint16();
    const end = this.#offset + length;
    const record = this.#data(name, type, ttl);
    this.#offset = end;
    return record;
  }

  #data(name: string, type: number, ttl: number): DnsRecord | undefined {
    switch (type) {
      case DNS_TYPES.A:
        return { name, ttl, type: "A", address: formatIPv4(this.uint32()) };
      case DNS_TYPES.AAAA:
        return {
          name,
          ttl,
          type: "AAAA",
          address: Array.from({ length: 8 }, () => this.uint16().toString(16)).join(":"),
        };
      case DNS_TYPES.CNAME:
        return { name, ttl, type: "CNAME", target: this.name() };
      case DNS_TYPES.PTR:
        return { name, ttl, type: "PTR", target: this.name() };
      case DNS_TYPES.NS:
        return { name, ttl, type: "NS", target: this.name() };
      case DNS_TYPES.SRV:
        return {
          name,
          ttl,
          type: "SRV",
          priority: this.uint16(),
          weight: this.uint16(),
          port: this.uint16(),
          target: this.name(),
        };
      case DNS_TYPES.SOA:
        return { name, ttl, type: "SOA", primary: this.name(), mailbox: this.name(), serial: this.uint32() };
      default:
        return undefined;
    }
  }
}
