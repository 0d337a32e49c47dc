import { processorMs } from "./child";
import { percentile } from "./figures";
import { configMap, pendingPod } from "./objects";
import { TlsClient, type TlsAccess } from "./tls-client";

const MAPS = "/api/v1/namespaces/default/configmaps";
const PODS = "/api/v1/namespaces/default/pods";
const TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";
const WATCHERS = 100;
const EVENTS = 500;
const LISTED = 500;

/** A server under measure: how to get in, which process it is, where it keeps its objects. */
export interface MeasuredServer {
  readonly access: TlsAccess;
  readonly pid: number;
  readonly collection: string;
  readonly object: (name: string) => string;
  readonly watchFrom: (revision: string) => string;
}

export function apiServer(access: TlsAccess, pid: number): MeasuredServer {
  const watchFrom = (revision: string): string => `${MAPS}?watch=1&resourceVersion=${revision}`;
  return { access, pid, collection: MAPS, object: (name) => `${MAPS}/${name}`, watchFrom };
}

export function plainServer(access: TlsAccess, pid: number): MeasuredServer {
  return { access, pid, collection: "/", object: (name) => `/${name}`, watchFrom: () => "/watch" };
}

/** Wall-clock figures of a server, and what each cost it in milliseconds of processor time. */
export interface HttpFigures {
  readonly getP50: number;
  readonly getCost: number;
  readonly createsPerSecond: number;
  readonly createCost: number;
  readonly eventsPerSecond: number;
  readonly eventCost: number;
}

export async function measureServer(server: MeasuredServer): Promise<HttpFigures> {
  const client = new TlsClient(server.access, 16);
  try {
    await client.send("POST", server.collection, configMap("one"));
    await times(500, () => client.send("GET", server.object("one")));
    const gets = await costOf(server, 3_000, () => times(3_000, () => client.send("GET", server.object("one"))));
    const create = (name: string): Promise<string> => client.send("POST", server.collection, configMap(name));
    await inParallel(1_000, (index) => create(`warm-${index}`));
    const creates = await costOf(server, 3_000, () => inParallel(3_000, (index) => create(`made-${index}`)));
    const events = await measureFanOut(client, server);
    return {
      getP50: percentile(gets.result, 0.5),
      getCost: gets.cost,
      createsPerSecond: creates.perSecond,
      createCost: creates.cost,
      eventsPerSecond: events.perSecond,
      eventCost: events.cost,
    };
  } finally {
    client.close();
  }
}

/** p50 of a list of 500 pods as a Table, and of the plain server's list of the same objects; in milliseconds. */
export async function measureTable(server: MeasuredServer, plain: MeasuredServer): Promise<[number, number]> {
  const [one, other] = [new TlsClient(server.access, 16), new TlsClient(plain.access, 16)];
  try {
    await inParallel(LISTED, async (index) => {
      const pod = await one.send("POST", PODS, pendingPod(`listed-${index}`));
      await other.send("POST", plain.collection, pod);
    });
    const list = (): Promise<string> => one.send("GET", PODS, undefined, TABLE);
    const plainList = (): Promise<string> => other.send("GET", plain.collection);
    await times(10, list);
    await times(10, plainList);
    return [percentile(await times(40, list), 0.5), percentile(await times(40, plainList), 0.5)];
  } finally {
    one.close();
    other.close();
  }
}

async function measureFanOut(client: TlsClient, server: MeasuredServer): Promise<{ perSecond: number; cost: number }> {
  const watching = new TlsClient(server.access, WATCHERS);
  try {
    const last = await client.send("POST", server.collection, configMap("last"));
    const path = server.watchFrom(/"resourceVersion":"(\d+)"/.exec(last)?.[1] ?? "");
    let seen = 0;
    let arrived: (() => void) | undefined;
    const all = new Promise<void>((resolve) => (arrived = resolve));
    const count = (lines: number): void => {
      seen += lines;
      if (seen >= WATCHERS * EVENTS) arrived?.();
    };
    for (let i = 0; i < WATCHERS; i++) await watching.countLines(path, count);
    return await costOf(server, WATCHERS * EVENTS, async () => {
      await inParallel(EVENTS, (index) => client.send("POST", server.collection, configMap(`told-${index}`)));
      await all;
    });
  } finally {
    watching.close();
  }
}

async function costOf<T>(
  { pid }: MeasuredServer,
  count: number,
  work: () => Promise<T>,
): Promise<{ result: T; perSecond: number; cost: number }> {
  const [begin, used] = [performance.now(), processorMs(pid)];
  const result = await work();
  return {
    result,
    perSecond: (count / (performance.now() - begin)) * 1000,
    cost: (processorMs(pid) - used) / count,
  };
}

async function times(count: number, act: () => Promise<unknown>): Promise<number[]> {
  const took: number[] = [];
  for (let i = 0; i < count; i++) {
    const begin = performance.now();
    await act();
    took.push(performance.now() - begin);
  }
  return took;
}

/** Calls `act` with 0 … count − 1, sixteen at a time. */
async function inParallel(count: number, act: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < count) await act(next++);
  };
  await Promise.all(Array.from({ length: 16 }, work));
}
