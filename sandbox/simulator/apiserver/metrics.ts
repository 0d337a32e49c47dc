import type { ResourceInfo } from "../schema/resources";
import type { RequestInfo } from "./request-info";
import { collectionOf } from "./target";

/** What a server has answered over HTTP since it began. The components of this process use another door. */
export class RequestCounts {
  readonly #counts = new Map<string, number>();

  /** `info` where the path was a served collection's. */
  add(method: string, isApply: boolean, info: RequestInfo | undefined, code: number): void {
    const labels = {
      code: String(code),
      component: "apiserver",
      dry_run: "",
      group: info?.group ?? "",
      resource: info?.resource ?? "",
      scope: info ? scopeOf(info) : "",
      subresource: info?.subresource ?? "",
      verb: info ? verbOf(info, isApply) : method,
      version: info?.version ?? "",
    };
    const series = seriesOf("apiserver_request_total", labels);
    this.#counts.set(series, (this.#counts.get(series) ?? 0) + 1);
  }

  lines(): string[] {
    return [...this.#counts].map(([series, count]) => `${series} ${count}`).sort();
  }
}

/** `/metrics` in Prometheus' text format: https://prometheus.io/docs/instrumenting/exposition_formats/ */
export function metricsText(
  requests: RequestCounts,
  resources: readonly ResourceInfo[],
  count: (collection: string) => number,
  version: Readonly<Record<string, string>>,
): string {
  const collections = new Map(resources.map((info) => [collectionOf(info.group, info.name), info]));
  const objects = [...collections].map(
    ([collection, { group, name }]) =>
      `${seriesOf("apiserver_resource_objects", { group, resource: name })} ${count(collection)}`,
  );
  const build = {
    build_date: version.buildDate ?? "",
    compiler: version.compiler ?? "",
    git_commit: version.gitCommit ?? "",
    git_tree_state: version.gitTreeState ?? "",
    git_version: version.gitVersion ?? "",
    go_version: version.goVersion ?? "",
    major: version.major ?? "",
    minor: version.minor ?? "",
    platform: version.platform ?? "",
  };
  return [
    ...family("apiserver_request_total", "counter", "Requests answered over HTTP.", requests.lines()),
    ...family("apiserver_resource_objects", "gauge", "Stored objects of each resource.", objects.sort()),
    ...family("kubernetes_build_info", "gauge", "The release that this server behaves like.", [
      `${seriesOf("kubernetes_build_info", build)} 1`,
    ]),
    "",
  ].join("\n");
}

function family(name: string, type: "counter" | "gauge", help: string, lines: readonly string[]): string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines];
}

function seriesOf(name: string, labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}=${JSON.stringify(value)}`);
  return `${name}{${pairs.join(",")}}`;
}

function scopeOf({ name, namespace, verb }: RequestInfo): string {
  if (name !== undefined || verb === "create") return "resource";
  return namespace === undefined ? "cluster" : "namespace";
}

const STREAMS = new Set(["exec", "attach", "portforward", "proxy", "log"]);

function verbOf({ verb, subresource }: RequestInfo, isApply: boolean): string {
  if (subresource !== undefined && STREAMS.has(subresource)) return "CONNECT";
  switch (verb) {
    case "create":
      return "POST";
    case "update":
      return "PUT";
    case "patch":
      return isApply ? "APPLY" : "PATCH";
    default:
      return verb.toUpperCase();
  }
}
