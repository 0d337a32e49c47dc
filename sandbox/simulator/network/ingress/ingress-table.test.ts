import { describe, expect, it } from "vitest";
import type { Ingress, IngressSpec } from "../../api/generated/kubernetes";
import type { Stored } from "../../api/object";
import { buildIngressTable, isServed } from "./ingress-table";

function ingress(name: string, spec: IngressSpec, annotations: Record<string, string> = {}): Stored<Ingress> {
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata: {
      name,
      namespace: "shop",
      uid: name,
      resourceVersion: "1",
      creationTimestamp: "2026-01-01T00:00:00Z",
      annotations: Object.fromEntries(
        Object.entries(annotations).map(([key, value]) => [`nginx.ingress.kubernetes.io/${key}`, value]),
      ),
    },
    spec,
  };
}

const to = (name: string) => ({ service: { name, port: { number: 80 } } });
const path = (path: string, pathType: string, name: string) => ({ path, pathType, backend: to(name) });

describe("the table of an ingress controller", () => {
  const find = (ingresses: Stored<Ingress>[], host: string, asked: string): string | undefined =>
    buildIngressTable(ingresses).find(host, asked)?.backend.service?.name;

  it("matches prefixes by path elements, exact paths first, longer before shorter", () => {
    const paths = [
      path("/", "Prefix", "root"),
      path("/api", "Prefix", "api"),
      path("/api/v2/", "Prefix", "v2"),
      path("/api", "Exact", "exact"),
    ];
    const one = [ingress("a", { rules: [{ host: "shop.test", http: { paths } }] })];
    const found = ["/", "/apis", "/api", "/api/", "/api/v1", "/api/v2", "/api/v2/x"].map((asked) =>
      find(one, "shop.test", asked),
    );
    expect(found).toEqual(["root", "root", "exact", "api", "api", "v2", "v2"]);
    expect(find(one, "other.test", "/")).toBeUndefined();
  });

  it("matches hosts exactly, then by wildcard of one label, then rules for all", () => {
    const all = [
      ingress("a", { rules: [{ host: "*.shop.test", http: { paths: [path("/", "Prefix", "wild")] } }] }),
      ingress("b", { rules: [{ host: "www.shop.test", http: { paths: [path("/only", "Prefix", "www")] } }] }),
      ingress("c", { rules: [{ http: { paths: [path("/", "Prefix", "any")] } }] }),
    ];
    expect(find(all, "api.shop.test", "/")).toBe("wild");
    expect(find(all, "a.b.shop.test", "/")).toBe("any");
    expect(find(all, "www.shop.test", "/only")).toBe("www");
    expect(find(all, "www.shop.test", "/other")).toBeUndefined();
  });

  it("uses the default backend where nothing matches", () => {
    const rules = [{ host: "shop.test", http: { paths: [path("/api", "Prefix", "api")] } }];
    const one = [ingress("a", { defaultBackend: to("fallback"), rules })];
    expect(find(one, "shop.test", "/api")).toBe("api");
    expect(find(one, "shop.test", "/")).toBe("fallback");
    expect(find(one, "else.test", "/api")).toBe("fallback");
  });

  it("rewrites paths by groups, or whole", () => {
    const rule = (asked: string) => ({
      rules: [{ http: { paths: [path(asked, "ImplementationSpecific", "api")] } }],
    });
    const groups = buildIngressTable([ingress("a", rule("/v1(/|$)(.*)"), { "rewrite-target": "/$2" })]);
    expect(groups.find("x", "/v1/users/7")?.rewrite("/v1/users/7")).toBe("/users/7");
    expect(groups.find("x", "/v1")?.rewrite("/v1")).toBe("/");
    expect(groups.find("x", "/v10")).toBeUndefined();
    const whole = buildIngressTable([ingress("a", rule("/v1"), { "rewrite-target": "/" })]);
    expect(whole.find("x", "/v1/users")?.rewrite("/v1/users")).toBe("/");
  });

  it("knows which Secret has a host's certificate", () => {
    const table = buildIngressTable([ingress("a", { tls: [{ hosts: ["shop.test", "*.eu.test"], secretName: "s" }] })]);
    expect(["shop.test", "de.eu.test", "other.test"].map((name) => table.secretFor(name))).toEqual([
      "shop/s",
      "shop/s",
      undefined,
    ]);
  });

  it("leaves Ingresses of other classes alone", () => {
    const classes = [{ metadata: { name: "nginx" }, spec: { controller: "k8s.io/ingress-nginx" } }];
    expect(isServed(ingress("a", { ingressClassName: "nginx" }), classes)).toBe(true);
    expect(isServed(ingress("a", { ingressClassName: "traefik" }), classes)).toBe(false);
    expect(isServed(ingress("a", {}), classes)).toBe(true);
  });
});
