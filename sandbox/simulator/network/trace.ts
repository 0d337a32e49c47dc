import { isIPv4 } from "./address";
import { DNS_CODES, type DnsMessage } from "./dns-message";
import type { Hop, NetworkHost, Probe } from "./network";
import { parseResolvConf, resolve } from "./resolver";

/** Who asks: a place on the network, and the files that say how it finds names. */
export interface TraceSource {
  readonly host: NetworkHost;
  readonly resolvConf: string;
  readonly hosts: string;
}

export interface TraceTarget {
  /** A name or an address. */
  readonly host: string;
  readonly port: number;
  readonly protocol: "TCP" | "UDP";
}

/** A request's way, hop by hop, and how it would end: nothing but DNS questions is sent. */
export interface Trace {
  readonly outcome: Probe["outcome"] | "no-such-name" | "no-name-server";
  readonly hops: readonly Hop[];
}

export async function traceRequest({ host, resolvConf, hosts }: TraceSource, target: TraceTarget): Promise<Trace> {
  const [server = ""] = parseResolvConf(resolvConf).nameservers;
  const asked: Hop[] = [];
  const found = await resolve(host, resolvConf, hosts, target.host, (name, answer) => {
    asked.push({ kind: "name", detail: { name, server, answer: answerText(answer) } });
  });
  if (!found.ok) return { outcome: found.reason === "no-answer" ? "no-name-server" : "no-such-name", hops: asked };
  const [address = ""] = found.addresses;
  if (asked.length === 0 && !isIPv4(target.host)) {
    asked.push({ kind: "name", detail: { name: target.host, server: "/etc/hosts", answer: address } });
  }
  const { outcome, hops } = host.probe(target.protocol, { address, port: target.port });
  return { outcome, hops: [...asked, ...hops] };
}

function answerText(answer: DnsMessage | undefined): string {
  if (!answer) return "timeout";
  const addresses = answer.answers.flatMap((record) => (record.type === "A" ? record.address : []));
  if (addresses.length > 0) return addresses.join(",");
  if (answer.code === DNS_CODES.NOERROR) return "NODATA";
  return Object.entries(DNS_CODES).find(([, code]) => code === answer.code)?.[0] ?? String(answer.code);
}
