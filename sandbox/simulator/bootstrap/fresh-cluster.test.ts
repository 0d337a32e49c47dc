import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isJsonObject, type JsonObject } from "../api/json";
import type { KubeObject } from "../api/object";
import { FakeClock } from "../clock";
import { createCluster, type Cluster } from "../cluster";
import { resourceForKind } from "../schema/resources";

const recording = join(resolve(process.env["SLIPWAY_SHARED"] ?? "../shared"), "k8s-data/fresh-cluster.json");
const real = existsSync(recording) ? (JSON.parse(readFileSync(recording, "utf8")) as KubeObject[]) : [];
const kinds = [...new Set(real.map(({ apiVersion = "", kind = "" }) => `${apiVersion} ${kind}`))];

/**
 * What may differ: a path below a kind (`*` is any step), and why. Identities, times and versions differ always and are
 * not compared; names that end by chance are compared by what comes before.
 */
const EXPLAINED: readonly (readonly [kind: string, path: string, why: string])[] = [
  ["Node", "status.nodeInfo.bootID", "made up"],
  ["Node", "status.nodeInfo.machineID", "made up"],
  ["Node", "status.nodeInfo.systemUUID", "made up"],
  ["Node", "status.nodeInfo.containerRuntimeVersion", "how that build of containerd calls itself"],
  ["Node", "status.images", "what was pulled before the recording"],
  ["CSINode", "spec.drivers", "null there: what Go makes of a list that was never set"],
  ["ConfigMap", "data.client-ca-file", "taken out of the recording"],
  ["ConfigMap", "data.requestheader-client-ca-file", "taken out of the recording"],
  ["ConfigMap", "data.ca.crt", "taken out of the recording"],
  ["ConfigMap", "data.since", "the day"],
  ["Lease", "metadata.name", "ends by chance"],
  ["Lease", "spec.holderIdentity", "ends by chance"],
  ["Lease", "spec.leaseTransitions", "how often it was taken over"],
  ["Deployment", "metadata.generation", "what was done before the recording"],
  ["Deployment", "status.observedGeneration", "what was done before the recording"],
  ["Deployment", "status.conditions.*.message", "the name of the ReplicaSet, whose hash is of Go's memory"],
  ["Endpoints", "subsets.*.addresses", "names and addresses of pods"],
  ["Endpoints", "subsets.*.ports", "their order is that of a hash in Go"],
  ["EndpointSlice", "metadata.name", "ends by chance"],
  ["EndpointSlice", "metadata.generation", "how often pods came and went"],
  ["EndpointSlice", "endpoints", "names and addresses of pods"],
];

describe.skipIf(real.length === 0)(
  `a fresh cluster beside a real one${real.length === 0 ? ` (skipped: ${recording} is not there)` : ""}`,
  () => {
    let cluster: Cluster;

    beforeAll(async () => {
      const clock = new FakeClock(Date.UTC(2026, 10, 21));
      cluster = await createCluster({ clock, seed: 1, certificate: "CERTIFICATE" });
      await cluster.settle(60_000);
    });
    afterAll(() => cluster.stop());

    it.each(kinds)("holds the same %s", async (kind) => {
      const [apiVersion = "", name = ""] = kind.split(" ");
      const ours = indexed(await listed(cluster, apiVersion, name));
      const theirs = indexed(real.filter((each) => each.apiVersion === apiVersion && each.kind === name));
      expect([...ours.keys()].sort()).toEqual([...theirs.keys()].sort());
      for (const [key, object] of theirs)
        expect(comparable(ours.get(key), name), key).toEqual(comparable(object, name));
    });
  },
);

async function listed(cluster: Cluster, apiVersion: string, kind: string): Promise<KubeObject[]> {
  const [version = "", group = ""] = apiVersion.split("/").reverse();
  const info = resourceForKind(group, version, kind);
  if (!info) throw new Error(`no resource of kind ${kind}`);
  const { items } = await cluster.client().list(info, "");
  return items.map((object) => ({ ...object, apiVersion, kind }));
}

function indexed(objects: readonly KubeObject[]): Map<string, KubeObject> {
  return new Map(objects.map((object) => [nameOf(object), object]));
}

function nameOf({ metadata }: KubeObject): string {
  const { namespace = "", name = "" } = metadata ?? {};
  return `${namespace}/${name.replace(/^(apiserver|kube-dns)-\w+$/, "$1-…")}`;
}

function comparable(object: KubeObject | undefined, kind: string): unknown {
  const explained = EXPLAINED.filter(([of]) => of === kind).map(([, path]) =>
    path
      .replace("ca.crt", "ca\u0000crt")
      .split(".")
      .map((step) => step.replace("\u0000", ".")),
  );
  return strip(object, explained);
}

function strip(value: unknown, explained: readonly string[][]): unknown {
  if (Array.isArray(value)) return value.map((each: unknown) => strip(each, deeper(explained, "*")));
  if (typeof value === "string") return /^\d{4}-\d\d-\d\dT/.test(value) ? "(time)" : value;
  if (!isJsonObject(value)) return value;
  const kept: JsonObject = {};
  for (const [key, each] of Object.entries(value)) {
    const inner = deeper(explained, key);
    if (ALWAYS_DIFFERENT.has(key) || each === undefined || inner.some((path) => path.length === 0)) continue;
    kept[key] = strip(each, inner);
  }
  return kept;
}

const ALWAYS_DIFFERENT = new Set(["uid", "resourceVersion", "managedFields"]);

function deeper(paths: readonly string[][], step: string): string[][] {
  return paths.filter(([first]) => first === step || first === "*").map(([, ...rest]) => rest);
}
