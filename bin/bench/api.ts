import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { apiServer, measureServer, measureTable, plainServer } from "./api-http";
import { measureCreatesInside, measureWriteCost } from "./api-inside";
import { evaluateInChild } from "./child";
import { figure, type Figure } from "./figures";
import { measureClusters, type ClusterHost } from "./idle-clusters";
import { measureKubectl } from "./kubectl";
import type { TlsAccess } from "./tls-client";

export interface ApiBenchOptions {
  readonly host: ClusterHost;
  readonly kubectl: string;
  readonly progress: (what: string) => void;
}

const PLAIN = "the same done by a plain Node https server (same certificates, parses, keeps, writes JSON)";
const COST = "processor time of the server's process for each";

/** Speed and size of the API server, beside a plain https server in the same run. */
export async function measureApi({ host, kubectl, progress }: ApiBenchOptions): Promise<Figure[]> {
  progress("memory of 50 idle clusters");
  const { memory, kubeconfig, remove } = await measureClusters(host);
  progress("kubectl");
  const kubectlRatio = await measureKubectl(kubectl, kubeconfig);
  progress("over TLS");
  const { value: access, child } = await evaluateInChild("bench.startPlainServer()");
  // The other process runs this same bundle.
  const plain = plainServer(access as TlsAccess, child.pid ?? 0);
  const server = apiServer(accessFrom(kubeconfig), host.pid);
  const [table, plainList] = await measureTable(server, plain);
  const ours = await measureServer(server);
  const theirs = await measureServer(plain);
  child.kill();
  await remove();
  progress("in this process");
  const createsInside = await measureCreatesInside();
  const writeCost = await measureWriteCost();
  progress("memory of 10,000 objects");
  const configMaps = await probe("config-maps");
  const pods = await probe("pods");
  return [
    figure("get-p50", "GET of one ConfigMap of 1 KB over TLS, keep-alive, p50 of 3,000", "ms", ours.getP50, 0.5),
    figure("get-cost", `GET: ${COST} ÷ ${PLAIN}`, "ratio", ours.getCost / theirs.getCost, 4),
    figure("table-500-p50", "list of 500 pods as a Table over TLS, p50 of 40", "ms", table, 15),
    figure(
      "table-500",
      `the same ÷ p50 of the whole objects' list from the plain server`,
      "ratio",
      table / plainList,
      3,
    ),
    figure(
      "creates-http",
      "ConfigMaps of 1 KB over TLS, 16 connections, 3,000",
      "per second",
      ours.createsPerSecond,
      1500,
    ),
    figure("create-cost", `the same: ${COST} ÷ ${PLAIN}`, "ratio", ours.createCost / theirs.createCost, 10),
    figure("events", "500 creates told to 100 watchers over TLS", "per second", ours.eventsPerSecond, 50_000),
    figure("event-cost", `the same: ${COST} event ÷ ${PLAIN}`, "ratio", ours.eventCost / theirs.eventCost, 4),
    figure("creates-inside", "ConfigMaps by the client in the process, 5,000", "per second", createsInside, 3000),
    figure(
      "write-cost",
      "a create into a collection of 50,000 ÷ into one of 500, medians of 100 batches of ten",
      "ratio",
      writeCost,
      2,
    ),
    figure(
      "memory-config-maps",
      "heap after gc that 10,000 ConfigMaps of 1 KB add, sent as JSON",
      "MB",
      configMaps,
      60,
    ),
    figure(
      "memory-pods",
      "heap after gc that 10,000 pods with the status of Running add, sent as JSON",
      "MB",
      pods,
      200,
    ),
    figure("memory-idle", "(RSS of a cluster-host with 50 idle clusters − with 0) ÷ 50", "MB", memory, 3),
    figure(
      "kubectl",
      "p50 of `kubectl get pods` ÷ p50 of `kubectl version --client`, 50 each",
      "ratio",
      kubectlRatio,
      1.2,
    ),
  ];
}

async function probe(what: "config-maps" | "pods"): Promise<number> {
  const { value, child } = await evaluateInChild(`bench.probeMemory(${JSON.stringify(what)})`);
  child.kill();
  return Number(value) / 1e6;
}

function accessFrom(path: string): TlsAccess {
  // Written by the cluster-host a moment ago.
  const { clusters, users } = parse(readFileSync(path, "utf8")) as {
    clusters: { cluster: Record<string, string> }[];
    users: { user: Record<string, string> }[];
  };
  const cluster = clusters[0]?.cluster ?? {};
  const user = users[0]?.user ?? {};
  const pem = (text = ""): string => Buffer.from(text, "base64").toString("utf8");
  return {
    url: cluster["server"] ?? "",
    ca: pem(cluster["certificate-authority-data"]),
    cert: pem(user["client-certificate-data"]),
    key: pem(user["client-key-data"]),
  };
}
