import type { EndpointSlice, Service } from "@/sandbox/simulator/api/generated/kubernetes";
import type { Stored } from "@/sandbox/simulator/api/object";
import { ENDPOINT_SLICES, PODS, SERVICES } from "@/sandbox/simulator/client/resources";
import type { Cluster } from "@/sandbox/simulator/cluster";
import { MessageReader } from "@/sandbox/simulator/containers/http/message";
import type { Connection, NetworkHost } from "@/sandbox/simulator/network/network";
import { percentile } from "./figures";

const NAMESPACE = "default";
const ENDPOINTS = 5_000;
const SLICES = 50;

/** The way of the requests: answers of nginx on three pods, asked for from a fourth. */
export interface ServiceRates {
  /** Requests per second over 16 connections that are kept. */
  readonly kept: number;
  /** Requests per second, each on a connection of its own. */
  readonly fresh: number;
}

/** Needs the Deployment `web` of nginx pods, ready. */
export async function measureServiceHttp(cluster: Cluster): Promise<ServiceRates> {
  const client = cluster.client();
  const service = await client.create(SERVICES, {
    metadata: { namespace: NAMESPACE, name: "web" },
    spec: { selector: { app: "web" }, ports: [{ port: 80 }] },
  });
  await cluster.settle();
  const address = addressOf(service);
  const from = await aPod(cluster);
  const kept = async (requests: number): Promise<void> => {
    const connection = await from.connect({ address, port: 80 });
    const reader = new MessageReader(connection.reader);
    for (let i = 0; i < requests; i++) await ask(connection, reader, "keep-alive");
    connection.writer.end();
  };
  const fresh = async (requests: number): Promise<void> => {
    for (let i = 0; i < requests; i++) {
      const connection = await from.connect({ address, port: 80 });
      await ask(connection, new MessageReader(connection.reader), "close");
      connection.writer.end();
    }
  };
  return { kept: await rate(kept, 1_500), fresh: await rate(fresh, 500) };
}

async function rate(work: (requests: number) => Promise<void>, requests: number): Promise<number> {
  const clients = 16;
  await Promise.all(Array.from({ length: clients }, () => work(requests / 5)));
  const begin = performance.now();
  await Promise.all(Array.from({ length: clients }, () => work(requests)));
  return ((clients * requests) / (performance.now() - begin)) * 1000;
}

async function ask(connection: Connection, reader: MessageReader, wish: "keep-alive" | "close"): Promise<void> {
  const text = `GET / HTTP/1.1\r\nHost: web\r\nUser-Agent: bench\r\nAccept: */*\r\nConnection: ${wish}\r\n\r\n`;
  await connection.writer.write(new TextEncoder().encode(text));
  const head = await reader.head();
  if (!head?.start.includes(" 200 ")) throw new Error(`unexpected answer: ${head?.start ?? "none"}`);
  const body = reader.body(head, false);
  while (!(await body.next()).done);
}

export interface UpdateTimes {
  /** p50 in ms of an endpoint's going, told by its slice, until a connection is sent elsewhere. */
  readonly endpoint: number;
  /** p50 in ms of a change of the Service itself, until a connection follows it. */
  readonly service: number;
}

/** A Service with 5,000 endpoints in 50 slices, written by hand; no pods behind them. */
export async function measureServiceUpdate(cluster: Cluster): Promise<UpdateTimes> {
  const client = cluster.client();
  let service = await client.create(SERVICES, {
    metadata: { namespace: NAMESPACE, name: "many" },
    spec: { ports: [{ port: 80 }] },
  });
  const slices: Stored<EndpointSlice>[] = [];
  for (let i = 0; i < SLICES; i++) slices.push(await client.create(ENDPOINT_SLICES, sliceOf(i)));
  await cluster.settle();
  const from = cluster.network?.hostAt("172.18.0.2");
  if (!from) throw new Error("no node to ask from");
  const target = { address: addressOf(service), port: 80 };
  const count = (port = 80): number => {
    const hop = from.probe("TCP", { ...target, port }).hops.find(({ kind }) => kind === "endpoint");
    return Number(hop?.detail.of ?? 0);
  };
  if (count() !== ENDPOINTS) throw new Error(`${count()} endpoints instead of ${ENDPOINTS}`);
  const endpoint = await timesOf(async (round) => {
    const slice = slices[round % SLICES];
    if (!slice) throw new Error("no slice");
    const [first, ...rest] = slice.endpoints ?? [];
    if (!first) throw new Error("an empty slice");
    const changed: EndpointSlice = { ...slice, endpoints: [{ ...first, conditions: { ready: false } }, ...rest] };
    slices[round % SLICES] = await client.update(ENDPOINT_SLICES, changed);
    await until(() => count() === ENDPOINTS - 1 - round);
  });
  const ports = await timesOf(async (round) => {
    const changed: Service = { ...service, spec: { ...service.spec, ports: [{ port: 81 + round }] } };
    service = await client.update(SERVICES, changed);
    await until(() => count(81 + round) > 0);
  });
  return { endpoint, service: ports };
}

async function timesOf(round: (index: number) => Promise<void>): Promise<number> {
  const times: number[] = [];
  for (let index = 0; index < SLICES; index++) {
    const begin = performance.now();
    await round(index);
    times.push(performance.now() - begin);
  }
  return percentile(times, 0.5);
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}

function sliceOf(index: number): EndpointSlice {
  return {
    metadata: {
      namespace: NAMESPACE,
      name: `many-${index}`,
      labels: { "kubernetes.io/service-name": "many", "endpointslice.kubernetes.io/managed-by": "bench" },
    },
    addressType: "IPv4",
    ports: [{ name: "", port: 8080, protocol: "TCP" }],
    endpoints: Array.from({ length: ENDPOINTS / SLICES }, (_, each) => ({
      addresses: [`10.245.${index}.${each + 1}`],
      conditions: { ready: true, serving: true, terminating: false },
      nodeName: "kind-worker",
    })),
  };
}

async function aPod(cluster: Cluster): Promise<NetworkHost> {
  const { items } = await cluster.client().list(PODS, NAMESPACE);
  const host = cluster.network?.hostAt(items[0]?.status?.podIP ?? "");
  if (!host) throw new Error("no pod to ask from");
  return host;
}

function addressOf({ spec }: Stored<Service>): string {
  return spec?.clusterIP ?? "";
}
