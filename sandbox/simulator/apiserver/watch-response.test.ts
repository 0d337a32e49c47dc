import { describe, expect, it, vi } from "vitest";
import { FakeClock, flushPromises } from "../clock";
import { SeededRandom } from "../random";
import { createApiServer } from "./api-server";

const ADMIN = { certificate: { commonName: "kubernetes-admin", organizations: ["kubeadm:cluster-admins"] } };
const MAPS = "https://localhost/api/v1/namespaces/default/configmaps";
const TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io";

async function freshServer() {
  const clock = new FakeClock();
  const { http } = createApiServer({ clock, random: new SeededRandom(1) });
  const send = async (method: string, url: string, body?: object): Promise<Response> => {
    const headers = { "content-type": "application/json" };
    const request = new Request(url, { method, headers, body: body && JSON.stringify(body) });
    return http.fetch(request, ADMIN);
  };
  const namespace = { metadata: { name: "default" } };
  await send("POST", "https://localhost/api/v1/namespaces", namespace);
  const create = (name: string, size = 1) =>
    send("POST", MAPS, { metadata: { name }, data: { text: "x".repeat(size) } });
  const watch = async (accept = "application/json", query = "") => {
    const request = new Request(`${MAPS}?watch=1${query}`, { headers: { accept } });
    const reader = (await http.fetch(request, ADMIN)).body?.getReader();
    if (!reader) throw new Error("no body");
    return reader;
  };
  return { clock, create, watch };
}

type Reader = ReadableStreamDefaultReader<Uint8Array>;

async function names(reader: Reader, count: number): Promise<string[]> {
  let text = "";
  while (text.split("\n").length <= count) {
    const { done, value } = await reader.read();
    if (done) break;
    text += new TextDecoder().decode(value);
  }
  return [...text.matchAll(/"name":"([a-z]+-\d+)"/g)].map((match) => match[1] ?? "");
}

describe("watches over HTTP", () => {
  it("write an event once for each form, however many watch", async () => {
    const { create, watch } = await freshServer();
    const plain = await Promise.all(Array.from({ length: 20 }, () => watch()));
    const tables = await Promise.all(Array.from({ length: 20 }, () => watch(TABLE)));
    await create("first-1");
    const firsts = [...plain, ...tables].map((reader) => reader.read());
    await Promise.all(firsts);
    const stringify = vi.spyOn(JSON, "stringify");
    await create("second-2");
    await Promise.all([...plain, ...tables].map((reader) => reader.read()));
    const events = stringify.mock.calls.filter(
      ([value]) => typeof value === "object" && value !== null && "type" in value,
    );
    stringify.mockRestore();
    expect(events.map(([value]) => (value as { object: { kind: string } }).object.kind)).toEqual([
      "ConfigMap",
      "Table",
    ]);
  });

  it("give a reader that was busy what came meanwhile in one piece", async () => {
    const { create, watch } = await freshServer();
    const reader = await watch();
    await create("one-1");
    await reader.read();
    for (const name of ["two-2", "three-3", "four-4"]) await create(name);
    const { value } = await reader.read();
    expect(new TextDecoder().decode(value).trimEnd().split("\n")).toHaveLength(3);
  });

  it("end for a reader that stays too far behind, and for nobody else", async () => {
    const { create, watch } = await freshServer();
    const slow = await watch();
    const fast = await watch();
    const seen = names(fast, 2_100);
    for (let index = 0; index < 2_100; index++) await create(`map-${index}`);
    expect(await seen).toHaveLength(2_100);
    expect(await names(slow, 2_100)).toHaveLength(0);
  });

  it("hand a whole collection over to a reader that takes its time", async () => {
    const { create, watch } = await freshServer();
    for (let index = 0; index < 2_200; index++) await create(`map-${index}`, 400);
    const reader = await watch("application/json", "&sendInitialEvents=true&resourceVersionMatch=NotOlderThan");
    await flushPromises();
    await create("late-1");
    const all = await names(reader, 2_201);
    expect([all.length, all.at(-1)]).toEqual([2_201, "late-1"]);
  });

  it("end with their timeout once everything is told", async () => {
    const { clock, create, watch } = await freshServer();
    await create("one-1");
    const reader = await watch("application/json", "&timeoutSeconds=5");
    await clock.advance(5_000);
    expect(await names(reader, 2)).toEqual(["one-1"]);
  });
});
