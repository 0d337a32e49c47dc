import { describe, expect, it } from "vitest";
import { schemaFor } from "../../schema/resources";
import { applyJsonPatch } from "./json";
import { applyMergePatch } from "./merge";
import { applyStrategicPatch } from "./strategic";

const pod = schemaFor("", "v1", "Pod");
const strategic = (target: unknown, patch: unknown): unknown => applyStrategicPatch(target, patch, pod);

describe("strategic merge patch", () => {
  const live = {
    spec: {
      containers: [
        { name: "a", image: "one", env: [{ name: "X", value: "1" }] },
        { name: "b", image: "two" },
      ],
    },
  };

  it("merges list items by their key and leaves the others", () => {
    const patched = strategic(live, { spec: { containers: [{ name: "b", image: "three" }] } });
    expect(patched).toEqual({
      spec: {
        containers: [
          { name: "a", image: "one", env: [{ name: "X", value: "1" }] },
          { name: "b", image: "three" },
        ],
      },
    });
  });

  it("puts what the client adds before what only the server has", () => {
    expect(strategic({ spec: { containers: [{ name: "a" }] } }, { spec: { containers: [{ name: "new" }] } })).toEqual({
      spec: { containers: [{ name: "new" }, { name: "a" }] },
    });
  });

  it("follows $setElementOrder, $patch: delete and $patch: replace", () => {
    const ordered = strategic(live, { spec: { "$setElementOrder/containers": [{ name: "b" }, { name: "a" }] } });
    expect(ordered).toMatchObject({ spec: { containers: [{ name: "b" }, { name: "a" }] } });
    const deleted = strategic(live, { spec: { containers: [{ name: "a", $patch: "delete" }] } });
    expect(deleted).toEqual({ spec: { containers: [{ name: "b", image: "two" }] } });
    const replaced = strategic(live, { spec: { containers: [{ $patch: "replace" }, { name: "c" }] } });
    expect(replaced).toEqual({ spec: { containers: [{ name: "c" }] } });
  });

  it("takes single values out of a list of values", () => {
    const held = { metadata: { finalizers: ["a/b", "c/d"] } };
    expect(strategic(held, { metadata: { "$deleteFromPrimitiveList/finalizers": ["a/b"] } })).toEqual({
      metadata: { finalizers: ["c/d"] },
    });
  });

  it("keeps only the named keys of a union with $retainKeys", () => {
    const volumes = { spec: { volumes: [{ name: "v", emptyDir: {} }] } };
    const patch = { spec: { volumes: [{ name: "v", $retainKeys: ["name", "hostPath"], hostPath: { path: "/x" } }] } };
    expect(strategic(volumes, patch)).toEqual({ spec: { volumes: [{ name: "v", hostPath: { path: "/x" } }] } });
  });

  it("replaces lists without a merge key and deletes with null", () => {
    const target = { spec: { tolerations: [{ key: "a" }], nodeName: "n" } };
    expect(strategic(target, { spec: { tolerations: [{ key: "b" }], nodeName: null } })).toEqual({
      spec: { tolerations: [{ key: "b" }] },
    });
  });

  it("refuses an item without its key", () => {
    expect(() => strategic(live, { spec: { containers: [{ image: "x" }] } })).toThrow(
      "map: map[image:x] does not contain declared merge key: name",
    );
  });
});

describe("merge patch", () => {
  it("merges objects, replaces everything else and leaves its arguments alone", () => {
    const target = Object.freeze({ a: Object.freeze({ b: 1, c: 2 }), list: Object.freeze([1, 2]) });
    expect(applyMergePatch(target, { a: { b: null, d: 3 }, list: [3] })).toEqual({ a: { c: 2, d: 3 }, list: [3] });
  });
});

describe("JSON patch", () => {
  it("applies operations to a copy", () => {
    const target = Object.freeze({ list: Object.freeze(["a"]) });
    expect(applyJsonPatch(target, [{ op: "add", path: "/list/-", value: "b" }])).toEqual({ list: ["a", "b"] });
  });

  it("refuses what is no patch, and what does not fit", () => {
    expect(() => applyJsonPatch({}, { op: "add" })).toThrow(
      "cannot unmarshal object into Go value of type []handlers.jsonPatchOp",
    );
    expect(() => applyJsonPatch({}, [{ op: "remove", path: "/missing" }])).toThrow("the server rejected our request");
    expect(() => applyJsonPatch({ a: 1 }, [{ op: "test", path: "/a", value: 2 }])).toThrow(
      "the server rejected our request",
    );
  });
});
