import type {
  EndpointSlice,
  Ingress,
  IngressBackend,
  IngressClass,
  Secret,
  Service,
} from "../../api/generated/kubernetes";
import type { Informer, Lister } from "../../client/informer";
import type { Clock } from "../../clock";
import type { Random } from "../../random";
import { inCidr, parseCidr } from "../address";
import type { NetworkHost, SocketAddress } from "../network";
import { slicesOf } from "../service-proxy";
import type { WebClient } from "../web-server";
import { buildIngressTable, isServed, type IngressRoute, type IngressTable } from "./ingress-table";
import { errorPage, redirect } from "./nginx-pages";
import { askUpstream } from "./upstream";

/** What an ingress controller watches. */
export interface IngressSources {
  readonly ingresses: Informer<Ingress>;
  readonly ingressClasses: Informer<IngressClass>;
  readonly services: Lister<Service>;
  readonly endpointSlices: Informer<EndpointSlice>;
  readonly secrets: Lister<Secret>;
}

/** A request that was answered, for the access log. */
export interface Served {
  readonly response: Response;
  readonly upstream: { readonly name: string; readonly address: string } | undefined;
}

/** Routes requests as Ingresses say. Rules are read anew at the first request after one changed. */
export class IngressProxy {
  readonly #sources: IngressSources;
  readonly #host: NetworkHost;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #unsubscribe: (() => void)[];
  #table: IngressTable | undefined;

  constructor(parts: { sources: IngressSources; host: NetworkHost; clock: Clock; random: Random }) {
    this.#sources = parts.sources;
    this.#host = parts.host;
    this.#clock = parts.clock;
    this.#random = parts.random;
    const stale = (): void => {
      this.#table = undefined;
    };
    const handler = { added: stale, updated: stale, deleted: stale };
    this.#unsubscribe = [parts.sources.ingresses.addHandler(handler), parts.sources.ingressClasses.addHandler(handler)];
  }

  stop(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
  }

  /** Certificate and key, PEM, for a name; `undefined` where no Secret has them. */
  certificateFor(name: string): { cert: string; key: string } | undefined {
    const [namespace = "", secretName = ""] = this.#current().secretFor(name)?.split("/") ?? [];
    const data = this.#sources.secrets.get(namespace, secretName)?.data;
    const [cert, key] = [data?.["tls.crt"], data?.["tls.key"]];
    return cert && key ? { cert: atob(cert), key: atob(key) } : undefined;
  }

  async answer(request: Request, client: WebClient): Promise<Served> {
    const url = new URL(request.url);
    const path = url.pathname;
    const route = this.#current().find(url.hostname, path);
    if (!route) return this.#page(404);
    const refusal = this.#refusal(route, url, client);
    if (refusal) return { response: refusal, upstream: undefined };
    return this.#pass(route, request, url, client);
  }

  #refusal({ annotations, secure }: IngressRoute, url: URL, { remote, scheme }: WebClient): Response | undefined {
    const { allowedSources, sslRedirect, forceSslRedirect, permanentRedirect, appRoot } = annotations;
    if (allowedSources.length > 0 && !allowedSources.some((range) => inCidr(parseCidr(range), remote.address))) {
      return errorPage(403, this.#clock.now());
    }
    if (scheme === "http" && ((secure && sslRedirect) || forceSslRedirect)) {
      return redirect(308, `https://${url.hostname}${url.pathname}${url.search}`, this.#clock.now());
    }
    if (permanentRedirect !== undefined) return redirect(301, permanentRedirect, this.#clock.now());
    if (appRoot !== undefined && url.pathname === "/") {
      return redirect(302, `${url.origin}${appRoot}`, this.#clock.now());
    }
    return undefined;
  }

  async #pass(route: IngressRoute, request: Request, url: URL, client: WebClient): Promise<Served> {
    const { backend, namespace, annotations } = route;
    const name = `${namespace}-${backend.service?.name ?? ""}-${backend.service?.port?.name ?? backend.service?.port?.number ?? ""}`;
    const targets = this.#targets(namespace, backend);
    const target = targets[targets.length > 1 ? this.#random.below(targets.length) : 0];
    if (!target) return this.#page(503);
    const asked = await askUpstream(this.#host, target, {
      method: request.method,
      path: `${route.rewrite(url.pathname)}${url.search}`,
      headers: this.#headers(request, url, client, annotations.upstreamHost),
      body: new Uint8Array(await request.arrayBuffer()),
    });
    const upstream = { name, address: `${target.address}:${target.port}` };
    if ("failed" in asked) return { ...this.#page(asked.failed), upstream };
    const { response } = asked;
    response.headers.set("date", new Date(this.#clock.now()).toUTCString());
    response.headers.set("connection", "keep-alive");
    if (client.scheme === "https") response.headers.set("strict-transport-security", HSTS);
    return { response, upstream };
  }

  #headers(request: Request, url: URL, { remote, scheme }: WebClient, upstreamHost: string | undefined) {
    const id = this.#random.uuid().replaceAll("-", "");
    const headers: [string, string][] = [
      ["Host", upstreamHost ?? url.host],
      ["X-Request-ID", request.headers.get("x-request-id") ?? id],
      ["X-Real-IP", remote.address],
      ["X-Forwarded-For", remote.address],
      ["X-Forwarded-Host", url.host],
      ["X-Forwarded-Port", scheme === "https" ? "443" : "80"],
      ["X-Forwarded-Proto", scheme],
      ["X-Forwarded-Scheme", scheme],
      ["X-Scheme", scheme],
    ];
    for (const [name, value] of request.headers) if (!NOT_PASSED.test(name)) headers.push([name, value]);
    return headers;
  }

  /** Ready endpoints of the Service's port; a Service that is an alias leads to its name's address elsewhere. */
  #targets(namespace: string, { service }: IngressBackend): SocketAddress[] {
    const found = service && this.#sources.services.get(namespace, service.name);
    if (!found) return [];
    const port = (found.spec?.ports ?? []).find((each) =>
      service.port?.name ? each.name === service.port.name : each.port === service.port?.number,
    );
    if (!port) return [];
    return slicesOf(this.#sources.endpointSlices, found.metadata).flatMap((slice) => {
      const number = (slice.ports ?? []).find((each) => (each.name ?? "") === (port.name ?? ""))?.port;
      const ready = (slice.endpoints ?? []).filter(({ conditions }) => conditions?.ready !== false);
      return number === undefined
        ? []
        : ready.flatMap(({ addresses }) => addresses.map((address) => ({ address, port: number })));
    });
  }

  #page(status: number): Served {
    return { response: errorPage(status, this.#clock.now()), upstream: undefined };
  }

  #current(): IngressTable {
    const { ingresses, ingressClasses } = this.#sources;
    return (this.#table ??= buildIngressTable(
      ingresses.list().filter((ingress) => isServed(ingress, ingressClasses.list())),
    ));
  }
}

const HSTS = "max-age=31536000; includeSubDomains";
const NOT_PASSED =
  /^(host|connection|keep-alive|content-length|transfer-encoding|te|upgrade|x-forwarded-.*|x-real-ip|x-scheme|x-request-id)$/;
