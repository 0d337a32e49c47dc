/** IPv4 addresses as text and as numbers. The simulated cluster is single-stack, as kind's default is. */

export function isIPv4(text: string): boolean {
  return parseIPv4(text) !== undefined;
}

/** `undefined` when the text is not four decimal bytes. */
export function parseIPv4(text: string): number | undefined {
  const parts = text.split(".");
  if (parts.length !== 4) return undefined;
  let value = 0;
  for (const part of parts) {
    if (!/^\d{1,3}$/.test(part) || Number(part) > 255) return undefined;
    value = value * 256 + Number(part);
  }
  return value;
}

export function formatIPv4(value: number): string {
  return [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255].join(".");
}

export interface Cidr {
  readonly base: number;
  readonly prefix: number;
  readonly size: number;
}

export function parseCidr(text: string): Cidr {
  const [address = "", length = ""] = text.split("/");
  const value = parseIPv4(address);
  const prefix = Number(length);
  if (value === undefined || !/^\d{1,2}$/.test(length) || prefix > 32)
    throw new RangeError(`not an IPv4 range: ${text}`);
  const size = 2 ** (32 - prefix);
  return { base: value - (value % size), prefix, size };
}

/** 127.0.0.0/8 never leaves a host. */
export function isLoopback(address: string): boolean {
  return address.startsWith("127.");
}

export function inCidr({ base, size }: Cidr, address: string): boolean {
  const value = parseIPv4(address);
  return value !== undefined && value >= base && value < base + size;
}
