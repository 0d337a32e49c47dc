import type { Random } from "../random";
import { ClusterZone, type ZoneAnswer, type ZoneSource } from "./cluster-zone";
import {
  DNS_CODES,
  DnsFormatError,
  decodeMessage,
  encodeMessage,
  type DnsMessage,
  type DnsQuestion,
} from "./dns-message";
import type { Connection, NetworkHost } from "./network";
import { indexSlicesByService } from "./service-proxy";

export interface DnsServerOptions {
  /** `cluster.local` */
  readonly domain: string;
  /** Shuffles addresses, as CoreDNS's loadbalance plugin does. */
  readonly random: Random;
  /** Answers names outside the cluster; without it they do not exist. */
  readonly forward?: (question: DnsQuestion) => Promise<ZoneAnswer>;
  readonly port?: number;
}

const DNS_PORT = 53;
// kubeadm's Corefile says so.
const TTL_SECONDS = 30;

/** The cluster's DNS on a host's port 53, UDP and TCP: what the coredns container runs. Ends when closed or the host leaves. */
export function serveDns(host: NetworkHost, source: ZoneSource, options: DnsServerOptions): { close(): void } {
  indexSlicesByService(source.endpointSlices);
  const zone = new ClusterZone(source, options.domain, TTL_SECONDS);
  const port = options.port ?? DNS_PORT;
  const udp = host.serveDatagrams(port, (datagram) => answer(zone, options, datagram));
  const tcp = host.listen({ port }, (connection) => {
    serveStream(connection, (message) => answer(zone, options, message)).catch(() => connection.reset());
  });
  return {
    close: () => {
      udp.close();
      tcp.close();
    },
  };
}

async function answer(zone: ClusterZone, options: DnsServerOptions, bytes: Uint8Array): Promise<Uint8Array> {
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
  const own = zone.answer(question);
  const found = own ??
    (await options.forward?.(question)) ?? { code: DNS_CODES.NXDOMAIN, answers: [], additionals: [] };
  const aliases = found.answers.filter(({ type }) => type === "CNAME");
  const rest = shuffled(
    found.answers.filter(({ type }) => type !== "CNAME"),
    options.random,
  );
  return encodeMessage({
    ...response(request, found.code),
    authoritative: own !== undefined,
    answers: [...aliases, ...rest],
    authorities: own && found.answers.length === 0 ? [zone.authority()] : [],
    additionals: found.additionals,
  });
}

function response(request: Pick<DnsMessage, "id" | "recursionDesired" | "questions">, code: number): DnsMessage {
  const { id, recursionDesired } = request;
  const questions = request.questions.slice(0, 1);
  return {
    id,
    response: true,
    code,
    authoritative: false,
    recursionDesired,
    questions,
    answers: [],
    authorities: [],
    additionals: [],
  };
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
