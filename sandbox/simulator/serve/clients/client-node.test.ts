// The client asks for its classes as mere shapes: literals are how it is used.
/* eslint-disable @typescript-eslint/no-unsafe-class-instance-assignment */
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { PassThrough, Writable } from "node:stream";
import {
  CoreV1Api,
  Exec,
  KubeConfig,
  Log,
  makeInformer,
  PortForward,
  Watch,
  type V1ConfigMap,
  type V1Status,
} from "@kubernetes/client-node";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { startServedCluster, type ServedCluster } from "./served-cluster";

const CONFIG_MAPS = "/api/v1/namespaces/default/configmaps";
const PATIENT = { timeout: 15_000, interval: 20 };

/** A line to the cluster that can be cut. */
class Line {
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;

  constructor(to: number) {
    this.#server = createServer((client) => {
      const upstream = connect(to, "127.0.0.1");
      client.pipe(upstream).pipe(client);
      for (const socket of [client, upstream]) {
        this.#sockets.add(socket);
        socket.on("error", () => this.#end(client, upstream));
        socket.on("close", () => this.#end(client, upstream));
      }
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    const { port } = this.#server.address() as AddressInfo;
    return `https://127.0.0.1:${port}`;
  }

  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  close(): void {
    this.cut();
    this.#server.close();
  }

  #end(...sockets: Socket[]): void {
    for (const socket of sockets) {
      socket.destroy();
      this.#sockets.delete(socket);
    }
  }
}

class Text extends Writable {
  text = "";

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

function asError(cause: unknown): Error {
  return cause instanceof Error ? cause : new Error(JSON.stringify(cause));
}

describe("@kubernetes/client-node", () => {
  let cluster: ServedCluster;
  let line: Line;
  let config: KubeConfig;
  let core: CoreV1Api;

  beforeAll(async () => {
    cluster = await startServedCluster();
    line = new Line(Number(new URL(cluster.url).port));
    config = new KubeConfig();
    config.loadFromFile(cluster.kubeconfig);
    core = config.makeApiClient(CoreV1Api);
  });

  afterAll(async () => {
    line.close();
    await cluster.stop();
  });

  const create = (name: string) =>
    core.createNamespacedConfigMap({ namespace: "default", body: { metadata: { name }, data: { n: "1" } } });

  /** A client at the other end of the line that can be cut. */
  async function overLine(): Promise<{ config: KubeConfig; core: CoreV1Api }> {
    const server = await line.listen();
    const there = new KubeConfig();
    there.loadFromOptions({
      clusters: config.getClusters().map((one) => ({ ...one, server })),
      users: config.getUsers(),
      contexts: config.getContexts(),
      currentContext: config.getCurrentContext(),
    });
    return { config: there, core: there.makeApiClient(CoreV1Api) };
  }

  it("tells what is added, changed and deleted, goes on where it was cut off, and begins anew where that is too long ago", async () => {
    const there = await overLine();
    const events: string[] = [];
    const informer = makeInformer<V1ConfigMap>(there.config, CONFIG_MAPS, () =>
      there.core.listNamespacedConfigMap({ namespace: "default" }),
    );
    for (const verb of ["add", "update", "delete"] as const)
      informer.on(verb, ({ metadata }) => events.push(`${verb} ${metadata?.name ?? ""}`));
    let faults = 0;
    informer.on("error", () => faults++);
    await informer.start();
    await vi.waitFor(() => expect(events).toEqual(["add kube-root-ca.crt"]), PATIENT);

    await create("one");
    await core.replaceNamespacedConfigMap({
      namespace: "default",
      name: "one",
      body: { metadata: { name: "one" }, data: { n: "2" } },
    });
    await core.deleteNamespacedConfigMap({ namespace: "default", name: "one" });
    await vi.waitFor(() => expect(events.slice(1)).toEqual(["add one", "update one", "delete one"]), PATIENT);

    line.cut();
    await vi.waitFor(() => expect(faults).toBe(1), PATIENT);
    await create("two");
    await informer.start();
    await vi.waitFor(() => expect(events.slice(4)).toEqual(["add two"]), PATIENT);

    line.cut();
    await vi.waitFor(() => expect(faults).toBe(2), PATIENT);
    const client = cluster.cluster.client();
    const resource = { group: "", version: "v1", name: "configmaps", kind: "ConfigMap", namespaced: true };
    for (let n = 0; n < 3000; n++)
      await client.patch(
        resource,
        { namespace: "default", name: "two" },
        { type: "merge", body: { data: { n: String(n) } } },
      );
    await core.deleteNamespacedConfigMap({ namespace: "default", name: "two" });
    await create("three");
    await informer.start();
    await vi.waitFor(() => expect(events.slice(5)).toEqual(["delete two", "add three"]), PATIENT);
    expect(informer.list().map(({ metadata }) => metadata?.name)).toEqual(["kube-root-ca.crt", "three"]);
    await informer.stop();
  }, 60_000);

  it("gets bookmarks and the end of its time", async () => {
    const seen: string[] = [];
    const options = {
      allowWatchBookmarks: true,
      sendInitialEvents: true,
      resourceVersionMatch: "NotOlderThan",
      timeoutSeconds: 1,
    };
    const begin = performance.now();
    await new Promise<void>((resolve, reject) => {
      new Watch(config)
        .watch(
          CONFIG_MAPS,
          options,
          (type, object: V1ConfigMap) => seen.push(`${type} ${Object.keys(object.metadata?.annotations ?? {}).join()}`),
          (error: unknown) => (error ? reject(asError(error)) : resolve()),
        )
        .catch(reject);
    });
    expect(performance.now() - begin).toBeGreaterThan(990);
    expect(seen.filter((event) => event.startsWith("BOOKMARK"))).toEqual([
      "BOOKMARK k8s.io/initial-events-end",
      "BOOKMARK ",
    ]);
  });

  it("is told 410 where a watch begins too long ago", async () => {
    const told = await new Promise<V1Status>((resolve, reject) => {
      new Watch(config)
        .watch(
          CONFIG_MAPS,
          { resourceVersion: "1" },
          (type, object: V1Status) => (type === "ERROR" ? resolve(object) : undefined),
          () => undefined,
        )
        .catch(reject);
    });
    expect(told).toMatchObject({ kind: "Status", code: 410, reason: "Expired" });
  });

  it("executes, reads logs and forwards a port", async () => {
    const containers = [{ name: "web", image: "nginx:1.27" }];
    await core.createNamespacedPod({ namespace: "default", body: { metadata: { name: "web" }, spec: { containers } } });
    await vi.waitFor(async () => {
      const { status } = await core.readNamespacedPod({ namespace: "default", name: "web" });
      expect(status?.containerStatuses?.[0]?.ready).toBe(true);
    }, PATIENT);

    const [out, error] = [new Text(), new Text()];
    const input = new PassThrough();
    input.end("typed");
    const status = await new Promise<V1Status>((resolve, reject) => {
      const command = ["sh", "-c", "cat; echo wrong >&2; exit 3"];
      new Exec(config)
        .exec("default", "web", "web", command, out, error, input, false, resolve)
        .catch((cause: unknown) => reject(asError(cause)));
    });
    expect([out.text, error.text]).toEqual(["typed", "wrong\n"]);
    expect(status.details?.causes).toEqual([{ reason: "ExitCode", message: "3" }]);

    const log = new Text();
    await new Log(config).log("default", "web", "web", log, { tailLines: 1 });
    await vi.waitFor(() => expect(log.text).toContain("start worker process"), PATIENT);

    const answer = new Text();
    const request = new PassThrough();
    await new PortForward(config).portForward("default", "web", [80], answer, null, request);
    request.write("GET / HTTP/1.1\r\nHost: web\r\nConnection: close\r\n\r\n");
    await vi.waitFor(() => expect(answer.text).toContain("<title>Welcome to nginx!</title>"), PATIENT);
    expect(answer.text).toMatch(/^HTTP\/1.1 200 OK\r\n/);
  }, 30_000);
});
