import type { Clock } from "../../clock";
import type { Random } from "../../random";
import type { ZoneSource } from "../cluster-zone";
import { DNS_CODES, DNS_TYPES, type DnsRecord } from "../dns-message";
import type { NetworkHost } from "../network";
import { cache } from "./cache";
import { inZone, type Directive, type ServerBlock } from "./corefile";
import { forward } from "./forward";
import { hosts } from "./hosts";
import { kubernetes } from "./kubernetes";
import { emptyReply, type DnsReply, type DnsRequest, type Plugin, type Resolver } from "./plugin";
import { rewrite } from "./rewrite";
import { template } from "./template";

export interface ChainContext {
  readonly host: NetworkHost;
  readonly source: ZoneSource;
  readonly clock: Clock;
  readonly random: Random;
  /** The server's own /etc/resolv.conf. */
  readonly resolvConf: string;
  /** Takes a line for the server's standard output. */
  readonly log: (line: string) => void;
}

/**
 * The plugins of all server blocks on one port, in CoreDNS's own order whatever the Corefile's; the block with the
 * longest matching zone answers. Throws `CorefileError`.
 */
export function buildChain(blocks: readonly ServerBlock[], port: number, context: ChainContext): Resolver {
  const servers = blocks
    .flatMap((block) => block.zones.filter((each) => each.port === port).map(({ zone }) => ({ zone, block })))
    .map(({ zone, block }) => ({ zone, resolve: serverChain(block, context) }))
    .sort((a, b) => b.zone.length - a.zone.length);
  return async (request) => {
    const server = servers.find(({ zone }) => inZone(request.question.name, zone));
    return server ? server.resolve(request) : emptyReply(DNS_CODES.REFUSED);
  };
}

function serverChain({ plugins }: ServerBlock, context: ChainContext): Resolver {
  const named = (name: string): Directive[] => plugins.filter((plugin) => plugin.name === name);
  const failed = (text: string): void => {
    if (named("errors").length > 0) context.log(`[ERROR] plugin/errors: ${text}`);
  };
  const chain: Plugin[] = [
    ...named("log").map(() => logging(context)),
    ...named("loadbalance").map(() => shuffling(context.random)),
    ...named("cache").map((directive) => cache(directive, context.clock)),
    ...(named("rewrite").length > 0 ? [rewrite(named("rewrite"))] : []),
    ...named("template").map(template),
    ...named("hosts").map(hosts),
    ...named("kubernetes").map((directive) => kubernetes(directive, context.source)),
    ...named("forward").map((directive) => forward(directive, context.host, context.resolvConf, failed)),
  ];
  const nobody: Resolver = ({ question }) => {
    failed(`2 ${question.name}. ${typeName(question.type)}: plugin/forward: no next plugin found`);
    return Promise.resolve(emptyReply(DNS_CODES.SERVFAIL));
  };
  return chain.reduceRight<Resolver>((next, plugin) => plugin(next), nobody);
}

/** https://coredns.io/plugins/loadbalance/ */
function shuffling(random: Random): Plugin {
  return (next) => async (request) => {
    const reply = await next(request);
    const aliases = reply.answers.filter(({ type }) => type === "CNAME");
    const rest = reply.answers.filter(({ type }) => type !== "CNAME");
    return { ...reply, answers: [...aliases, ...shuffled(rest, random)] };
  };
}

/** https://coredns.io/plugins/log/ */
function logging({ clock, log }: ChainContext): Plugin {
  return (next) => async (request) => {
    const began = clock.now();
    const reply = await next(request);
    const { client, id, question, protocol, size } = request;
    const asked = `${typeName(question.type)} IN ${question.name}. ${protocol} ${size} false 512`;
    const seconds = Math.max(0.0001, (clock.now() - began) / 1000)
      .toFixed(9)
      .replace(/0+$/, "");
    log(
      `[INFO] ${client.address}:${client.port} - ${id} "${asked}" ${codeName(reply.code)} ${flagsOf(reply)} ${sizeOf(request, reply)} ${seconds}s`,
    );
    return reply;
  };
}

function flagsOf({ authoritative }: DnsReply): string {
  return authoritative ? "qr,aa,rd" : "qr,rd,ra";
}

// As long as it is without pointing back to names: what CoreDNS counts.
function sizeOf({ size }: DnsRequest, { answers, authorities, additionals }: DnsReply): number {
  const length = (record: DnsRecord): number =>
    record.name.length + 12 + ("target" in record ? record.target.length + 2 : 4);
  return [...answers, ...authorities, ...additionals].reduce((sum, record) => sum + length(record), size);
}

function typeName(type: number): string {
  return Object.entries(DNS_TYPES).find(([, code]) => code === type)?.[0] ?? `TYPE${type}`;
}

function codeName(code: number): string {
  return Object.entries(DNS_CODES).find(([, value]) => value === code)?.[0] ?? String(code);
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  const result = [...items];
  for (let last = result.length - 1; last > 0; last--) {
    const other = random.below(last + 1);
    const [a, b] = [result[last], result[other]];
    if (a !== undefined && b !== undefined) [result[last], result[other]] = [b, a];
  }
  return result;
}
