import { describe, expect, it } from "vitest";
import type { HttpHandler } from "../../simulator/api/channel";
import { gateWrites } from "./write-gate";

const ADDRESS = "https://cluster/api/v1/namespaces/default/configmaps";

describe("the gate before a cluster's writes", () => {
  it("holds writes, and only those, until somebody keeps what they write", async () => {
    let keep = (_fault: undefined): void => {};
    const kept = new Promise<undefined>((resolve) => (keep = resolve));
    const { made, handler } = cluster();
    const gate = gateWrites(handler, () => kept);
    expect((await gate.fetch(new Request(ADDRESS), {})).status).toBe(200);
    const writing = gate.fetch(new Request(ADDRESS, { method: "POST" }), {});
    await new Promise((resolve) => setImmediate(resolve));
    expect(made).toEqual(["GET"]);
    keep(undefined);
    expect((await writing).status).toBe(200);
    expect(made).toEqual(["GET", "POST"]);
  });

  it("refuses what is not kept, whether that is known before or shows afterwards", async () => {
    const { made, handler } = cluster();
    const faults = [new Error("full"), undefined, new Error("full")];
    const gate = gateWrites(handler, () => Promise.resolve(faults.shift()));
    expect((await gate.fetch(new Request(ADDRESS, { method: "POST" }), {})).status).toBe(500);
    expect(made).toEqual([]);
    const late = await gate.fetch(new Request(ADDRESS, { method: "POST" }), {});
    expect(await late.json()).toMatchObject({ message: "etcdserver: mvcc: database space exceeded" });
    expect(made).toEqual(["POST"]);
  });
});

function cluster(): { made: string[]; handler: HttpHandler } {
  const made: string[] = [];
  const handler: HttpHandler = {
    fetch: ({ method }) => {
      made.push(method);
      return Promise.resolve(new Response("{}"));
    },
    connect: () => Promise.reject(new Error("nobody connects")),
  };
  return { made, handler };
}
