import type { EndpointSlice, Namespace, Pod, Service } from "../api/generated/kubernetes";
import type { Stored } from "../api/object";
import type { Informer, Lister } from "../client/informer";
import { isIPv4 } from "./address";
import { DNS_CODES, DNS_TYPES, type DnsQuestion, type DnsRecord } from "./dns-message";
import { slicesOf } from "./service-proxy";

/** What the cluster's names are made of. */
export interface ZoneSource {
  readonly services: Lister<Service>;
  readonly endpointSlices: Informer<EndpointSlice>;
  readonly namespaces: Lister<Namespace>;
  /** For names of pods that must be pods' (`pods verified`). */
  readonly pods?: Lister<Pod>;
}

/** Which addresses have a name as pods: none, any in a namespace that exists, or those that pods have. */
export type PodNames = "disabled" | "insecure" | "verified";

export interface ZoneAnswer {
  readonly code: number;
  readonly answers: readonly DnsRecord[];
  readonly additionals: readonly DnsRecord[];
}

/** One address (or name) behind a name, before it is turned into the record that was asked for. */
interface Found {
  /** The owner of the address record that an SRV answer points to. */
  readonly owner: string;
  readonly host: { address: string } | { cname: string };
  readonly port: number;
}

const NOT_FOUND = "nxdomain";

/**
 * The records of a cluster's domain, by the rules of https://github.com/kubernetes/dns/blob/master/docs/specification.md.
 * `undefined` for names outside the domain and outside the reverse zones.
 */
export class ClusterZone {
  constructor(
    readonly source: ZoneSource,
    readonly domain: string,
    readonly ttl: number,
    readonly podNames: PodNames = "insecure",
  ) {}

  answer(question: DnsQuestion): ZoneAnswer | undefined {
    const { name } = question;
    if (name.endsWith(".in-addr.arpa")) return this.#reverse(question);
    if (name !== this.domain && !name.endsWith(`.${this.domain}`)) return undefined;
    const found = this.#find(name.slice(0, -this.domain.length).split(".").filter(Boolean));
    if (found === NOT_FOUND) return { code: DNS_CODES.NXDOMAIN, answers: [], additionals: [] };
    return this.#records(question, found);
  }

  /** `[]`: the name exists without addresses of its own. */
  #find(labels: readonly string[]): readonly Found[] | typeof NOT_FOUND {
    const kind = labels.at(-1);
    if (kind === undefined) return [];
    if (kind !== "svc" && kind !== "pod") return NOT_FOUND;
    const namespace = labels.at(-2);
    if (namespace === undefined) return [];
    const rest = labels.slice(0, -2);
    if (rest.length === 0) return this.#hasNamespace(namespace) ? [] : NOT_FOUND;
    return kind === "pod" ? this.#findPod(rest, namespace) : this.#findService(rest, namespace);
  }

  #findPod(labels: readonly string[], namespace: string): readonly Found[] | typeof NOT_FOUND {
    const address = (labels[0] ?? "").replaceAll("-", ".");
    if (this.podNames === "disabled" || labels.length !== 1 || !isIPv4(address)) return NOT_FOUND;
    if (!this.#hasNamespace(namespace)) return NOT_FOUND;
    const isPods = (this.source.pods?.list(namespace) ?? []).some(({ status }) => status?.podIP === address);
    if (this.podNames === "verified" && !isPods) return NOT_FOUND;
    return [{ owner: `${labels.join(".")}.${namespace}.pod.${this.domain}`, host: { address }, port: 0 }];
  }

  #findService(labels: readonly string[], namespace: string): readonly Found[] | typeof NOT_FOUND {
    const service = this.source.services.get(namespace, labels.at(-1) ?? "");
    if (!service?.spec) return NOT_FOUND;
    const [first = "", second = ""] = labels;
    const wanted = { endpoint: "", port: "", protocol: "" };
    if (labels.length === 2) wanted.endpoint = first;
    else if (labels.length === 3) [wanted.port, wanted.protocol] = [first.replace(/^_/, ""), second.replace(/^_/, "")];
    else if (labels.length > 3) return NOT_FOUND;
    const owner = `${service.metadata.name}.${namespace}.svc.${this.domain}`;
    if (service.spec.type === "ExternalName") {
      return [{ owner, host: { cname: service.spec.externalName ?? "" }, port: 0 }];
    }
    const found =
      service.spec.clusterIP === "None" || wanted.endpoint !== ""
        ? this.#endpoints(service, owner, wanted)
        : (service.spec.ports ?? [])
            .filter((port) => portMatches(wanted, port.name, port.protocol))
            .map((port) => ({ owner, host: { address: service.spec?.clusterIP ?? "" }, port: port.port }));
    return found.length > 0 ? found : NOT_FOUND;
  }

  #endpoints(
    service: Stored<Service>,
    owner: string,
    wanted: { endpoint: string; port: string; protocol: string },
  ): readonly Found[] {
    return slicesOf(this.source.endpointSlices, service.metadata).flatMap((slice) => {
      const ports = slice.ports?.length ? slice.ports : [{ port: 0 }];
      return (slice.endpoints ?? [])
        .filter((endpoint) => endpoint.conditions?.ready !== false)
        .flatMap((endpoint) =>
          endpoint.addresses.map((address) => ({ address, label: endpoint.hostname ?? dashed(address) })),
        )
        .filter(({ label }) => wanted.endpoint === "" || label === wanted.endpoint)
        .flatMap(({ address, label }) =>
          ports
            .filter((port) => portMatches(wanted, port.name, port.protocol))
            .map((port) => ({ owner: `${label}.${owner}`, host: { address }, port: port.port ?? 0 })),
        );
    });
  }

  #records(question: DnsQuestion, found: readonly Found[]): ZoneAnswer {
    const { name, type } = question;
    const ttl = this.ttl;
    const alias = found.flatMap(({ host }) => ("cname" in host ? host.cname : []))[0];
    if (alias !== undefined) {
      const cname: DnsRecord = { name, ttl, type: "CNAME", target: alias };
      // The name an alias leads to is looked up too, as far as this zone knows it.
      const followed = type === DNS_TYPES.CNAME ? undefined : this.answer({ name: alias.toLowerCase(), type });
      return { code: DNS_CODES.NOERROR, answers: [cname, ...(followed?.answers ?? [])], additionals: [] };
    }
    if (type === DNS_TYPES.A || type === DNS_TYPES.ANY) {
      const addresses = new Set(found.flatMap(({ host }) => ("address" in host ? host.address : [])));
      const answers = [...addresses].map((address): DnsRecord => ({ name, ttl, type: "A", address }));
      return { code: DNS_CODES.NOERROR, answers, additionals: [] };
    }
    if (type === DNS_TYPES.SRV) return this.#serviceRecords(name, found);
    if (type === DNS_TYPES.SOA && name === this.domain) {
      return { code: DNS_CODES.NOERROR, answers: [this.authority()], additionals: [] };
    }
    return { code: DNS_CODES.NOERROR, answers: [], additionals: [] };
  }

  #serviceRecords(name: string, found: readonly Found[]): ZoneAnswer {
    const ttl = this.ttl;
    const weight = Math.max(1, Math.floor(100 / Math.max(1, new Set(found.map(({ owner }) => owner)).size)));
    const withPort = found.filter(({ port }) => port > 0);
    const answers = withPort.map(({ owner, port }): DnsRecord => ({
      name,
      ttl,
      type: "SRV",
      priority: 0,
      weight,
      port,
      target: owner,
    }));
    const addresses = new Map(
      withPort.flatMap(({ owner, host }) => ("address" in host ? [[owner, host.address]] : [])),
    );
    const additionals = [...addresses].map(([owner, address]): DnsRecord => ({ name: owner, ttl, type: "A", address }));
    return { code: DNS_CODES.NOERROR, answers, additionals };
  }

  #reverse({ name, type }: DnsQuestion): ZoneAnswer {
    const address = name
      .replace(/\.in-addr\.arpa$/, "")
      .split(".")
      .reverse()
      .join(".");
    const targets = isIPv4(address) ? this.#namesOf(address) : [];
    if (targets.length === 0) return { code: DNS_CODES.NXDOMAIN, answers: [], additionals: [] };
    const answers =
      type === DNS_TYPES.PTR ? targets.map((target): DnsRecord => ({ name, ttl: this.ttl, type: "PTR", target })) : [];
    return { code: DNS_CODES.NOERROR, answers, additionals: [] };
  }

  #namesOf(address: string): string[] {
    const nameOf = (service: Stored<Service>): string =>
      `${service.metadata.name}.${service.metadata.namespace ?? ""}.svc.${this.domain}`;
    const services = this.source.services.list();
    const owner = services.find((service) => service.spec?.clusterIP === address);
    if (owner) return [nameOf(owner)];
    return services.flatMap((service) =>
      slicesOf(this.source.endpointSlices, service.metadata)
        .flatMap((slice) => slice.endpoints ?? [])
        .filter((endpoint) => endpoint.addresses.includes(address) && endpoint.conditions?.ready !== false)
        .map((endpoint) => `${endpoint.hostname ?? dashed(address)}.${nameOf(service)}`),
    );
  }

  /** Who answers for the zone: goes with every "no". */
  authority(): DnsRecord {
    const { domain, ttl } = this;
    return { name: domain, ttl, type: "SOA", primary: `ns.dns.${domain}`, mailbox: `hostmaster.${domain}`, serial: 1 };
  }

  #hasNamespace(name: string): boolean {
    return this.source.namespaces.get("", name) !== undefined;
  }
}

function portMatches(wanted: { port: string; protocol: string }, name = "", protocol = "TCP"): boolean {
  return (
    (wanted.port === "" || wanted.port === name.toLowerCase()) &&
    (wanted.protocol === "" || wanted.protocol === protocol.toLowerCase())
  );
}

function dashed(address: string): string {
  return address.replaceAll(".", "-");
}
