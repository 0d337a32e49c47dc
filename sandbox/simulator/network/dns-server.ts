import type { Clock } from "../clock";
import type { Random } from "../random";
import type { ZoneSource } from "./cluster-zone";
import { buildChain } from "./dns/chain";
import { parseCorefile, type Directive, type ServerBlock } from "./dns/corefile";
import type { DnsReply, Resolver } from "./dns/plugin";
import { DNS_CODES, DnsFormatError, decodeMessage, encodeMessage, type DnsMessage } from "./dns-message";
import type { Connection, Listener, NetworkHost, SocketAddress } from "./network";
import { indexSlicesByService } from "./service-proxy";

/** What the server is told, by its Corefile and its pod. */
export interface DnsServerConfig {
  readonly corefile: string;
  /** The pod's /etc/resolv.conf: where `forward . /etc/resolv.conf` leads. */
  readonly resolvConf: string;
  /** Takes a line for standard output. */
  readonly log: (line: string) => void;
}

export interface DnsServer {
  /** Directives of all server blocks, for whoever does what is not about names: `health`, `ready`, `reload`. */
  readonly directives: readonly Directive[];
  /** Zones and ports that are served, as CoreDNS prints them: `.:53`. */
  readonly serves: readonly string[];
  close(): void;
}

export interface DnsServerParts {
  readonly source: ZoneSource;
  readonly clock: Clock;
  readonly random: Random;
}

/** What a cluster lends to the program that answers its names. */
export interface DnsServices {
  serve(host: NetworkHost, config: DnsServerConfig): DnsServer;
  /** Tells of changed ConfigMaps: one of them may hold a Corefile. Returns the unsubscribe. */
  onConfigChange(listener: () => void): () => void;
}

/**
 * A DNS server on a host, UDP and TCP, as its Corefile says: what the coredns container runs. Ends when closed or when
 * the host leaves. Throws `CorefileError` or `AddressInUseError`.
 */
export function serveDns(host: NetworkHost, config: DnsServerConfig, parts: DnsServerParts): DnsServer {
  const blocks = parseCorefile(config.corefile);
  indexSlicesByService(parts.source.endpointSlices);
  const ports = new Set(blocks.flatMap(({ zones }) => zones.map(({ port }) => port)));
  const chains = [...ports].map((port) => ({ port, resolve: buildChain(blocks, port, { host, ...config, ...parts }) }));
  const listeners: Listener[] = [];
  const close = (): void => listeners.forEach((listener) => listener.close());
  try {
    for (const { port, resolve } of chains) {
      listeners.push(
        host.serveDatagrams(port, (datagram, from) => answer(resolve, datagram, from, "udp")),
        host.listen({ port }, (connection) => {
          const reply = (message: Uint8Array) => answer(resolve, message, connection.remote, "tcp");
          serveStream(connection, reply).catch(() => connection.reset());
        }),
      );
    }
  } catch (error) {
    close();
    throw error;
  }
  return { directives: blocks.flatMap(({ plugins }) => plugins), serves: blocks.flatMap(zonesOf), close };
}

function zonesOf({ zones }: ServerBlock): string[] {
  return zones.map(({ zone, port }) => `${zone}.:${port}`);
}

async function answer(
  resolve: Resolver,
  bytes: Uint8Array,
  client: SocketAddress,
  protocol: "udp" | "tcp",
): Promise<Uint8Array> {
  let request: DnsMessage;
  try {
    request = decodeMessage(bytes);
  } catch (error) {
    if (!(error instanceof DnsFormatError)) throw error;
    const id = bytes.length >= 2 ? ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0) : 0;
    return encodeMessage(response({ id, recursionDesired: false, questions: [] }, DNS_CODES.FORMERR));
  }
  const question = request.questions[0];
  if (!question || request.response) return encodeMessage(response(request, DNS_CODES.FORMERR));
  const reply = await resolve({ question, id: request.id, protocol, client, size: bytes.length });
  return encodeMessage({ ...response(request, reply.code), ...sections(reply) });
}

function sections({ authoritative, answers, authorities, additionals }: DnsReply) {
  return { authoritative, answers, authorities, additionals };
}

function response(request: Pick<DnsMessage, "id" | "recursionDesired" | "questions">, code: number): DnsMessage {
  const { id, recursionDesired } = request;
  const questions = request.questions.slice(0, 1);
  const empty = { answers: [], authorities: [], additionals: [] };
  return { id, response: true, code, authoritative: false, recursionDesired, questions, ...empty };
}

/** Over TCP each message is preceded by its length in two bytes. */
async function serveStream(
  connection: Connection,
  handle: (message: Uint8Array) => Promise<Uint8Array>,
): Promise<void> {
  let buffered: Uint8Array = new Uint8Array(0);
  for (let chunk = await connection.reader.read(); chunk; chunk = await connection.reader.read()) {
    buffered = Uint8Array.from([...buffered, ...chunk]);
    while (buffered.length >= 2) {
      const length = ((buffered[0] ?? 0) << 8) | (buffered[1] ?? 0);
      if (buffered.length < 2 + length) break;
      const reply = await handle(buffered.subarray(2, 2 + length));
      await connection.writer.write(Uint8Array.from([reply.length >>> 8, reply.length & 255, ...reply]));
      buffered = buffered.subarray(2 + length);
    }
  }
  connection.writer.end();
}
