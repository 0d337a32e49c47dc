import { isIPv4 } from "./address";
import { DNS_CODES, DnsFormatError, decodeMessage, query, type DnsMessage, type DnsType } from "./dns-message";
import { ConnectionRefusedError, ConnectionTimeoutError, NetworkUnreachableError, type NetworkHost } from "./network";

/** What /etc/resolv.conf says; see resolv.conf(5). */
export interface ResolverConfig {
  readonly nameservers: readonly string[];
  readonly search: readonly string[];
  readonly ndots: number;
  readonly timeoutMs: number;
  readonly attempts: number;
}

export type Resolution =
  | { ok: true; addresses: readonly string[]; canonicalName: string }
  /** `not-found`: no such name, or none with an address; `no-answer`: no name server answered, or it failed. */
  | { ok: false; reason: "not-found" | "no-answer" };

const DNS_PORT = 53;

/**
 * The addresses of a name, as the C library finds them: an address as it is, /etc/hosts, then DNS with the search
 * path (tried first when the name has fewer dots than `ndots`, last otherwise).
 */
export async function resolve(
  host: NetworkHost,
  resolvConf: string,
  hosts: string,
  name: string,
  /** Told of each name that was asked for, and of what came. */
  observe: (candidate: string, answer: DnsMessage | undefined) => void = () => undefined,
): Promise<Resolution> {
  if (isIPv4(name)) return { ok: true, addresses: [name], canonicalName: name };
  const local = lookUpHosts(hosts, name);
  if (local) return local;
  const config = parseResolvConf(resolvConf);
  let answered = true;
  for (const candidate of searchCandidates(config, name)) {
    const answer = await ask(host, config, candidate, "A");
    observe(candidate, answer);
    if (!answer || answer.code === DNS_CODES.SERVFAIL) {
      answered = false;
      if (!answer) break;
      continue;
    }
    const addresses = answer.answers.flatMap((record) => (record.type === "A" ? record.address : []));
    if (addresses.length === 0) continue;
    const canonicalName = answer.answers.find(({ type }) => type === "A")?.name ?? candidate;
    return { ok: true, addresses, canonicalName };
  }
  return { ok: false, reason: answered ? "not-found" : "no-answer" };
}

/** One question to the configured servers in turn; `undefined` when none answers (or the name cannot be asked). */
export async function ask(
  host: NetworkHost,
  config: ResolverConfig,
  name: string,
  type: DnsType,
): Promise<DnsMessage | undefined> {
  for (let attempt = 0; attempt < config.attempts; attempt++) {
    for (const server of config.nameservers) {
      const answer = await askServer(host, server, name, type, config.timeoutMs);
      if (answer) return answer;
    }
  }
  return undefined;
}

/** One question to one server; `undefined` when it does not answer in time, refuses, or answers nonsense. */
export async function askServer(
  host: NetworkHost,
  server: string,
  name: string,
  type: DnsType,
  timeoutMs: number,
  port = DNS_PORT,
): Promise<DnsMessage | undefined> {
  try {
    return decodeMessage(await host.exchange({ address: server, port }, query(1, name, type), timeoutMs));
  } catch (error) {
    const noAnswer =
      error instanceof ConnectionRefusedError ||
      error instanceof ConnectionTimeoutError ||
      error instanceof NetworkUnreachableError ||
      error instanceof DnsFormatError;
    if (!noAnswer) throw error;
    return undefined;
  }
}

/** The names to try, in order. A final dot makes a name absolute. */
export function searchCandidates(config: Pick<ResolverConfig, "search" | "ndots">, name: string): string[] {
  if (name.endsWith(".")) return [name.slice(0, -1)];
  const searched = config.search.map((domain) => `${name}.${domain}`);
  const dots = name.split(".").length - 1;
  return dots >= config.ndots ? [name, ...searched] : [...searched, name];
}

export function parseResolvConf(text: string): ResolverConfig {
  const nameservers: string[] = [];
  let search: string[] = [];
  const options = new Map<string, number>();
  for (const line of text.split("\n")) {
    const [keyword, ...values] = line.trim().split(/\s+/);
    if (keyword === "nameserver" && values[0]) nameservers.push(values[0]);
    else if (keyword === "search" || keyword === "domain") search = values;
    else if (keyword === "options") {
      for (const option of values) {
        const [name = "", value = ""] = option.split(":");
        if (/^\d+$/.test(value)) options.set(name, Number(value));
      }
    }
  }
  return {
    nameservers: nameservers.slice(0, 3),
    search,
    ndots: Math.min(options.get("ndots") ?? 1, 15),
    timeoutMs: Math.max(1, Math.min(options.get("timeout") ?? 5, 30)) * 1000,
    attempts: Math.max(1, Math.min(options.get("attempts") ?? 2, 5)),
  };
}

/** `4.1.96.10.in-addr.arpa` for `10.96.1.4`. */
export function reverseName(address: string): string {
  return `${address.split(".").reverse().join(".")}.in-addr.arpa`;
}

function lookUpHosts(hosts: string, name: string): Resolution | undefined {
  const wanted = name.toLowerCase().replace(/\.$/, "");
  const addresses: string[] = [];
  let canonicalName = name;
  for (const line of hosts.split("\n")) {
    const [address = "", ...names] = line.replace(/#.*/, "").trim().split(/\s+/);
    if (!isIPv4(address) || !names.some((each) => each.toLowerCase() === wanted)) continue;
    if (addresses.length === 0) canonicalName = names[0] ?? name;
    addresses.push(address);
  }
  return addresses.length > 0 ? { ok: true, addresses, canonicalName } : undefined;
}
