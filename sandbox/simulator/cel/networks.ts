import { EvaluationError, type Environment } from "@marcbachmann/cel-js";
import { isCIDR, isIP, isStrictSubnet, parseIPv4 } from "../registry/ip";

/**
 * Addresses, blocks of addresses and URLs as values.
 * https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-ip-address-library
 */
export function registerNetworks(environment: Environment): void {
  environment
    .registerType("net.IP", Address)
    .registerType("net.CIDR", Block)
    .registerType("kubernetes.URL", Link)
    .registerFunction("isIP(string): bool", isIP)
    .registerFunction("ip(string): net.IP", (text: string) => {
      if (!isIP(text))
        throw new EvaluationError(
          `IP Address ${JSON.stringify(text)} parse error during conversion from string: unable to parse IP`,
        );
      return new Address(text);
    })
    .registerFunction("string(net.IP): string", ({ text }: Address) => text)
    .registerFunction("net.IP.family(): int", ({ text }: Address) => (parseIPv4(text) === undefined ? 6n : 4n))
    .registerFunction("net.IP.isUnspecified(): bool", ({ text }: Address) => text === "0.0.0.0" || text === "::")
    .registerFunction("net.IP.isLoopback(): bool", ({ text }: Address) => text.startsWith("127.") || text === "::1")
    .registerOperator("net.IP == net.IP", (a: Address, b: Address) => a.text === b.text)
    .registerFunction("isCIDR(string): bool", isCIDR)
    .registerFunction("cidr(string): net.CIDR", (text: string) => {
      if (!isCIDR(text))
        throw new EvaluationError(
          `network address parse error during conversion from string: invalid CIDR address: ${text}`,
        );
      return new Block(text);
    })
    .registerFunction("string(net.CIDR): string", ({ text }: Block) => text)
    .registerFunction("net.CIDR.containsIP(string): bool", (block: Block, address: string) => holds(block, address))
    .registerFunction("net.CIDR.containsIP(net.IP): bool", (block: Block, { text }: Address) => holds(block, text))
    .registerFunction("net.CIDR.containsCIDR(string): bool", (block: Block, other: string) => spans(block, other))
    .registerFunction("net.CIDR.containsCIDR(net.CIDR): bool", (block: Block, { text }: Block) => spans(block, text))
    .registerFunction("net.CIDR.prefixLength(): int", ({ text }: Block) => BigInt(text.split("/")[1] ?? "0"))
    .registerFunction("net.CIDR.ip(): net.IP", ({ text }: Block) => new Address(text.split("/")[0] ?? ""))
    .registerFunction("isURL(string): bool", (text: string) => parseUrl(text) !== undefined)
    .registerFunction("url(string): kubernetes.URL", (text: string) => {
      const url = parseUrl(text);
      if (!url)
        throw new EvaluationError(
          `URL parse error during conversion from string: parse ${JSON.stringify(text)}: invalid URI for request`,
        );
      return url;
    })
    .registerFunction("kubernetes.URL.getScheme(): string", ({ scheme }: Link) => scheme)
    .registerFunction("kubernetes.URL.getHost(): string", ({ host }: Link) => host)
    .registerFunction("kubernetes.URL.getHostname(): string", ({ host }: Link) => host.replace(/:\d*$/, ""))
    .registerFunction("kubernetes.URL.getPort(): string", ({ host }: Link) => /:(\d*)$/.exec(host)?.[1] ?? "")
    .registerFunction("kubernetes.URL.getEscapedPath(): string", ({ path }: Link) => path);
}

class Address {
  constructor(readonly text: string) {}
}

class Block {
  constructor(readonly text: string) {}
}

class Link {
  constructor(
    readonly scheme: string,
    readonly host: string,
    readonly path: string,
  ) {}
}

function holds({ text }: Block, address: string): boolean {
  if (!isIP(address)) return false;
  const single = `${address}/${parseIPv4(address) === undefined ? 128 : 32}`;
  return spans(new Block(text), single);
}

function spans({ text }: Block, inner: string): boolean {
  return inner === text || (isCIDR(inner) && isStrictSubnet(inner, text));
}

/** Absolute URLs and absolute paths, as Go's ParseRequestURI takes them. */
function parseUrl(text: string): Link | undefined {
  const match = /^(?:([a-zA-Z][a-zA-Z0-9+.-]*):\/\/([^/?#\s]*))?(\/[^?#\s]*)?(\?[^#\s]*)?$/.exec(text);
  if (!match || (match[1] === undefined && match[3] === undefined)) return undefined;
  return new Link(match[1] ?? "", match[2] ?? "", match[3] ?? "");
}
