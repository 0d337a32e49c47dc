/**
 * `/healthz`, `/livez` and `/readyz`, check by check: https://kubernetes.io/docs/reference/using-api/health-checks/
 * Whatever a hook does has been done before the server answers at all, so that each is well.
 */
export function healthAnswer(path: string, query: URLSearchParams): string | undefined {
  const prefix = ["healthz", "livez", "readyz"].find((each) => path === `/${each}` || path.startsWith(`/${each}/`));
  if (prefix === undefined) return undefined;
  const checks = checksOf(prefix);
  const single = path.slice(prefix.length + 2);
  if (single !== "") return checks.includes(single) ? "ok" : undefined;
  if (!query.has("verbose")) return "ok";
  const excluded = query.getAll("exclude").flatMap((each) => each.split(","));
  const unknown = excluded.filter((each) => !checks.includes(each)).map((each) => JSON.stringify(each));
  return [
    ...checks.map((check) => `[+]${check} ${excluded.includes(check) ? "excluded: ok" : "ok"}\n`),
    ...(unknown.length > 0
      ? [`warn: some health checks cannot be excluded: no matches for ${unknown.join(",")}\n`]
      : []),
    `${prefix} check passed\n`,
  ].join("");
}

/** Paths of all checks. */
export function healthPaths(): string[] {
  return ["healthz", "livez", "readyz"].flatMap((prefix) => [
    `/${prefix}`,
    ...checksOf(prefix).map((check) => `/${prefix}/${check}`),
  ]);
}

function checksOf(prefix: string): readonly string[] {
  return prefix === "readyz" ? READY : LIVE;
}

const HOOKS = [
  "start-apiserver-admission-initializer",
  "generic-apiserver-start-informers",
  "priority-and-fairness-config-consumer",
  "priority-and-fairness-filter",
  "storage-object-count-tracker-hook",
  "start-apiextensions-informers",
  "start-apiextensions-controllers",
  "crd-informer-synced",
  "start-system-namespaces-controller",
  "start-cluster-authentication-info-controller",
  "start-kube-apiserver-identity-lease-controller",
  "start-kube-apiserver-identity-lease-garbage-collector",
  "start-legacy-token-tracking-controller",
  "start-service-ip-repair-controllers",
  "rbac/bootstrap-roles",
  "scheduling/bootstrap-system-priority-classes",
  "priority-and-fairness-config-producer",
  "bootstrap-controller",
  "start-kubernetes-service-cidr-controller",
  "aggregator-reload-proxy-client-cert",
  "start-kube-aggregator-informers",
  "apiservice-status-local-available-controller",
  "apiservice-status-remote-available-controller",
  "apiservice-registration-controller",
  "apiservice-discovery-controller",
  "kube-apiserver-autoregistration",
].map((name) => `poststarthook/${name}`);

const LIVE = [
  "ping",
  "log",
  "etcd",
  ...HOOKS,
  "autoregister-completion",
  "poststarthook/apiservice-openapi-controller",
  "poststarthook/apiservice-openapiv3-controller",
];
const READY = ["ping", "log", "etcd", "etcd-readiness", "informer-sync", ...LIVE.slice(3), "shutdown"];
