import { RE2JS } from "re2js";
import type { HTTPIngressPath, Ingress, IngressBackend, IngressClass } from "../../api/generated/kubernetes";
import type { Stored } from "../../api/object";

/** What an ingress controller serves: https://kubernetes.io/docs/concepts/services-networking/ingress/ */
export interface IngressTable {
  /** The way of a request; `undefined` where no rule matches and no default backend is. */
  find(host: string, path: string): IngressRoute | undefined;
  /** The Secret (`namespace/name`) with the certificate for a name. */
  secretFor(host: string): string | undefined;
}

export interface IngressRoute {
  /** `namespace/name` */
  readonly ingress: string;
  readonly namespace: string;
  readonly backend: IngressBackend;
  readonly annotations: IngressAnnotations;
  /** Whether its host has a certificate. */
  readonly secure: boolean;
  /** The path as the backend gets it. */
  rewrite(path: string): string;
}

/** https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/, those that work here. */
export interface IngressAnnotations {
  readonly rewriteTarget: string | undefined;
  readonly useRegex: boolean;
  readonly sslRedirect: boolean;
  readonly forceSslRedirect: boolean;
  readonly appRoot: string | undefined;
  readonly permanentRedirect: string | undefined;
  readonly allowedSources: readonly string[];
  readonly upstreamHost: string | undefined;
}

export const CONTROLLER = "k8s.io/ingress-nginx";

/** Whether the controller looks after an Ingress: its class is of this controller, or it names none. */
export function isServed(ingress: Ingress, classes: readonly IngressClass[]): boolean {
  const named = ingress.spec?.ingressClassName ?? ingress.metadata?.annotations?.["kubernetes.io/ingress.class"];
  if (named === undefined) return true;
  return classes.some(({ metadata, spec }) => metadata?.name === named && spec?.controller === CONTROLLER);
}

export function buildIngressTable(ingresses: readonly Stored<Ingress>[]): IngressTable {
  const hosts = new Map<string, Location[]>();
  const secrets = new Map<string, string>();
  // The oldest Ingress has the say where two want the same.
  const oldestFirst = [...ingresses].sort((a, b) =>
    a.metadata.creationTimestamp < b.metadata.creationTimestamp ? -1 : 1,
  );
  for (const ingress of oldestFirst) {
    const { namespace = "", name } = ingress.metadata;
    for (const { hosts: named, secretName } of ingress.spec?.tls ?? []) {
      for (const host of named ?? [""])
        if (secretName && !secrets.has(host)) secrets.set(host, `${namespace}/${secretName}`);
    }
    const tlsHosts = new Set((ingress.spec?.tls ?? []).flatMap((tls) => tls.hosts ?? []));
    const common = { ingress: `${namespace}/${name}`, namespace, annotations: readAnnotations(ingress) };
    for (const { host = "", http } of ingress.spec?.rules ?? []) {
      const route = { ...common, secure: tlsHosts.has(host) };
      const locations = (http?.paths ?? []).map((path) => toLocation(path, path.backend, route));
      hosts.set(host, [...(hosts.get(host) ?? []), ...locations]);
    }
    const { defaultBackend } = ingress.spec ?? {};
    if (defaultBackend) {
      const all = { path: "/", pathType: "Prefix", backend: defaultBackend };
      for (const host of new Set(["", ...(ingress.spec?.rules ?? []).map((rule) => rule.host ?? "")])) {
        const location = toLocation(all, defaultBackend, { ...common, secure: tlsHosts.has(host) });
        hosts.set(host, [...(hosts.get(host) ?? []), { ...location, rank: 0 }]);
      }
    }
  }
  for (const locations of hosts.values()) locations.sort((a, b) => b.rank - a.rank);
  return {
    find: (host, path) => {
      // A host of its own shadows what is said for all.
      const own = hosts.get(host) ?? hosts.get(host.replace(/^[^.]+/, "*")) ?? hosts.get("");
      return own?.find((each) => each.matches(path))?.route;
    },
    secretFor: (host) => secrets.get(host) ?? secrets.get(host.replace(/^[^.]+/, "*")) ?? secrets.get(""),
  };
}

interface Location {
  readonly route: IngressRoute;
  /** Exact before prefix, longer before shorter. */
  readonly rank: number;
  matches(path: string): boolean;
}

type RouteBase = Omit<IngressRoute, "backend" | "rewrite">;

function toLocation({ path = "/", pathType }: HTTPIngressPath, backend: IngressBackend, base: RouteBase): Location {
  const { rewriteTarget, useRegex } = base.annotations;
  const isExact = pathType === "Exact";
  const pattern = useRegex || /\$\d/.test(rewriteTarget ?? "") ? compile(path) : undefined;
  const matches = (asked: string): boolean => {
    if (pattern && !isExact) return pattern.matcher(asked).find();
    if (isExact) return asked === path;
    if (pathType === "ImplementationSpecific") return asked.startsWith(path);
    const prefix = path.replace(/\/+$/, "");
    return asked === prefix || asked.startsWith(`${prefix}/`);
  };
  return {
    rank: path.length * 2 + (isExact ? 1_000_000 : 0),
    matches,
    route: { ...base, backend, rewrite: (asked) => rewritten(asked, rewriteTarget, pattern) },
  };
}

// Without groups the whole path is replaced, as nginx's `rewrite` does it.
function rewritten(path: string, target: string | undefined, pattern: RE2JS | undefined): string {
  if (target === undefined) return path;
  if (!pattern) return target;
  const matcher = pattern.matcher(path);
  if (!matcher.find()) return path;
  return target.replace(/\$(\d)/g, (_, index: string) => {
    const group = Number(index);
    return group <= matcher.groupCount() ? (matcher.group(group) ?? "") : "";
  });
}

function compile(path: string): RE2JS | undefined {
  try {
    return RE2JS.compile(`^${path}`, RE2JS.CASE_INSENSITIVE);
  } catch {
    // Not a pattern: nginx would refuse the location, and so nothing matches it by pattern.
    return undefined;
  }
}

function readAnnotations({ metadata }: Stored<Ingress>): IngressAnnotations {
  const value = (name: string): string | undefined => metadata.annotations?.[`nginx.ingress.kubernetes.io/${name}`];
  return {
    rewriteTarget: value("rewrite-target"),
    useRegex: value("use-regex") === "true",
    sslRedirect: value("ssl-redirect") !== "false",
    forceSslRedirect: value("force-ssl-redirect") === "true",
    appRoot: value("app-root"),
    permanentRedirect: value("permanent-redirect"),
    allowedSources: (value("whitelist-source-range") ?? value("allowlist-source-range") ?? "")
      .split(",")
      .map((range) => range.trim())
      .filter(Boolean),
    upstreamHost: value("upstream-vhost"),
  };
}
