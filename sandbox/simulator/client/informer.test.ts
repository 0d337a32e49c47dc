import { beforeEach, describe, expect, it } from "vitest";
import { createApiServer, type ApiServer } from "../apiserver/api-server";
import type { RequestHandler, Watch, WatchHandler } from "../api/request";
import { FakeClock, flushPromises } from "../clock";
import { SeededRandom } from "../random";
import { InProcessClient } from "./in-process-client";
import { Informer } from "./informer";
import { CONFIG_MAPS, NAMESPACES } from "./resources";

const ADMIN = { username: "admin", groups: ["system:masters"] };

describe("an informer", () => {
  let clock: FakeClock;
  let server: ApiServer;
  let client: InProcessClient;

  beforeEach(async () => {
    clock = new FakeClock();
    server = createApiServer({ clock, random: new SeededRandom(1) });
    client = new InProcessClient(server.handler, ADMIN, "test");
    await client.create(NAMESPACES, { metadata: { name: "default" } });
    await client.create(CONFIG_MAPS, { metadata: { name: "first", namespace: "default" } });
  });

  it("holds what was there and follows each change", async () => {
    const informer = new Informer(client, clock, CONFIG_MAPS);
    const heard: string[] = [];
    informer.addHandler({
      added: ({ metadata }) => heard.push(`added ${metadata.name}`),
      updated: (before, after) => heard.push(`updated ${before.data?.["a"] ?? "-"} to ${after.data?.["a"] ?? "-"}`),
      deleted: ({ metadata }) => heard.push(`deleted ${metadata.name}`),
    });
    informer.start();
    await informer.synced();
    const key = { namespace: "default", name: "first" };
    await client.patch(CONFIG_MAPS, key, { type: "merge", body: { data: { a: "1" } } });
    await client.delete(CONFIG_MAPS, key);
    await flushPromises();
    expect(heard).toEqual(["added first", "updated - to 1", "deleted first"]);
    expect(informer.list()).toEqual([]);
    informer.stop();
  });

  it("tells a late handler of what is there", async () => {
    const informer = new Informer(client, clock, CONFIG_MAPS);
    informer.start();
    await informer.synced();
    const heard: string[] = [];
    informer.addHandler({ added: ({ metadata }) => heard.push(metadata.name) });
    expect(heard).toEqual(["first"]);
    informer.stop();
  });

  it("keeps its indexes with the objects", async () => {
    const informer = new Informer(client, clock, CONFIG_MAPS);
    informer.addIndex("colour", (object) => [object.data?.["colour"] ?? ""]);
    informer.start();
    await informer.synced();
    const key = { namespace: "default", name: "first" };
    await client.patch(CONFIG_MAPS, key, { type: "merge", body: { data: { colour: "red" } } });
    await flushPromises();
    expect(informer.byIndex("colour", "red").map(({ metadata }) => metadata.name)).toEqual(["first"]);
    expect(informer.byIndex("colour", "")).toEqual([]);
    informer.stop();
  });

  it("lists again when its revision is too old, and hears of what it missed", async () => {
    const breaking = new BreakableHandler(server.handler);
    const informer = new Informer(new InProcessClient(breaking, ADMIN, "test"), clock, CONFIG_MAPS);
    const heard: string[] = [];
    informer.start();
    await informer.synced();
    await flushPromises();
    informer.addHandler({
      added: ({ metadata }) => heard.push(`added ${metadata.name}`),
      deleted: ({ metadata }) => heard.push(`deleted ${metadata.name}`),
    });
    heard.length = 0;
    breaking.hangUp();
    await client.delete(CONFIG_MAPS, { namespace: "default", name: "first" });
    await client.create(CONFIG_MAPS, { metadata: { name: "second", namespace: "default" } });
    server.restore(server.snapshot());
    await clock.advance(5000);
    expect(heard).toEqual(["deleted first", "added second"]);
    informer.stop();
  });

  it("tries again with back-off while the server does not answer", async () => {
    const breaking = new BreakableHandler(server.handler);
    breaking.down = true;
    const informer = new Informer(new InProcessClient(breaking, ADMIN, "test"), clock, CONFIG_MAPS);
    informer.start();
    await clock.advance(3000);
    expect(informer.hasSynced).toBe(false);
    expect(breaking.refused).toBe(3);
    breaking.down = false;
    await clock.advance(5000);
    expect(informer.hasSynced).toBe(true);
    informer.stop();
  });
});

/** A server that can go away and hang up on its watchers. */
class BreakableHandler implements RequestHandler {
  down = false;
  refused = 0;
  readonly #real: RequestHandler;
  readonly #watches: { watch: Watch; handler: WatchHandler }[] = [];

  constructor(real: RequestHandler) {
    this.#real = real;
  }

  handle(request: Parameters<RequestHandler["handle"]>[0]) {
    if (!this.down) return this.#real.handle(request);
    this.refused++;
    return Promise.reject(new Error("connection refused"));
  }

  async watch(request: Parameters<RequestHandler["watch"]>[0], handler: WatchHandler): Promise<Watch> {
    const watch = await this.#real.watch(request, handler);
    this.#watches.push({ watch, handler });
    return watch;
  }

  hangUp(): void {
    for (const { watch, handler } of this.#watches.splice(0)) {
      watch.stop();
      handler.closed();
    }
  }
}
