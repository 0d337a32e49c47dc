/** The address as a number; `undefined` when it is not a plain dotted quad. */
export function parseIPv4(text: string): number | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (!match) return undefined;
  let number = 0;
  for (const part of match.slice(1)) {
    if (Number(part) > 255 || (part.length > 1 && part.startsWith("0"))) return undefined;
    number = number * 256 + Number(part);
  }
  return number;
}

export function isIPv6(text: string): boolean {
  if (!/^[0-9a-fA-F:.]+$/.test(text) || !text.includes(":")) return false;
  const halves = text.split("::");
  if (halves.length > 2) return false;
  const groups = halves.flatMap((half) => (half === "" ? [] : half.split(":")));
  const last = groups.at(-1) ?? "";
  const embedded = last.includes(".");
  if (embedded && parseIPv4(last) === undefined) return false;
  const count = groups.length + (embedded ? 1 : 0);
  const plain = embedded ? groups.slice(0, -1) : groups;
  if (!plain.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return false;
  return halves.length === 2 ? count < 8 : count === 8;
}

export function isIP(text: string): boolean {
  return parseIPv4(text) !== undefined || isIPv6(text);
}

export const IP_RULE = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
export const CIDR_RULE = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";

export function isCIDR(text: string): boolean {
  const [address = "", bits = "", ...rest] = text.split("/");
  if (rest.length > 0 || !/^\d{1,3}$/.test(bits)) return false;
  if (parseIPv4(address) !== undefined) return Number(bits) <= 32;
  return isIPv6(address) && Number(bits) <= 128;
}

/** Whether the first block lies within the second and is smaller. Both are CIDRs. */
export function isStrictSubnet(inner: string, outer: string): boolean {
  const [small, smallBits] = blockOf(inner);
  const [large, largeBits] = blockOf(outer);
  if (small.length !== large.length || smallBits <= largeBits) return false;
  return small.slice(0, largeBits) === large.slice(0, largeBits);
}

/** The address as a string of bits, and the length of its prefix. */
function blockOf(cidr: string): [bits: string, prefix: number] {
  const [address = "", prefix = "0"] = cidr.split("/");
  const v4 = parseIPv4(address);
  const bits = v4 === undefined ? bitsOfIPv6(address) : v4.toString(2).padStart(32, "0");
  return [bits, Number(prefix)];
}

function bitsOfIPv6(address: string): string {
  const groupsOf = (half: string): string[] =>
    half === ""
      ? []
      : half.split(":").flatMap((group) => {
          const v4 = parseIPv4(group);
          return v4 === undefined ? [group] : [Math.floor(v4 / 65536).toString(16), (v4 % 65536).toString(16)];
        });
  const [head = "", tail] = address.split("::");
  const first = groupsOf(head);
  const last = tail === undefined ? [] : groupsOf(tail);
  const zeros = Array.from({ length: 8 - first.length - last.length }, () => "0");
  return [...first, ...zeros, ...last].map((group) => parseInt(group, 16).toString(2).padStart(16, "0")).join("");
}
