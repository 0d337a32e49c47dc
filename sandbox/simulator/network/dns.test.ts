import { beforeEach, describe, expect, it } from "vitest";
import type { EndpointSlice, Namespace, Service, ServiceSpec } from "../api/generated/kubernetes";
import { ENDPOINT_SLICES, NAMESPACES, SERVICES } from "../client/resources";
import { FakeClock } from "../clock";
import { SeededRandom } from "../random";
import { decodeMessage, encodeMessage, query, type DnsType } from "./dns-message";
import { serveDns } from "./dns-server";
import type { NetworkHost } from "./network";
import { askServer, parseResolvConf, resolve, reverseName, searchCandidates } from "./resolver";
import { scriptedInformer } from "./scripted-informer";
import { VirtualNetwork } from "./virtual-network";

const DNS = "10.244.0.3";
const COREFILE =
  ".:53 {\n kubernetes cluster.local in-addr.arpa {\n pods insecure\n ttl 30\n }\n loadbalance\n template ANY ANY {\n match ^web[.]red[.]$\n rcode NXDOMAIN\n fallthrough\n }\n}\n";
const RESOLV_CONF = `search default.svc.cluster.local svc.cluster.local cluster.local\nnameserver ${DNS}\noptions ndots:5\n`;
const HOSTS = "127.0.0.1\tlocalhost\n10.244.1.9\tclient\n10.1.2.3 db.example db # by hand\n";

describe("the cluster's DNS", () => {
  let client: NetworkHost;

  beforeEach(async () => {
    const clock = new FakeClock();
    const network = new VirtualNetwork({ clock, random: new SeededRandom(3) });
    const services = await scriptedInformer<Service>(clock, SERVICES, [
      service("web", { clusterIP: "10.96.1.4", ports: [{ name: "http", port: 80, protocol: "TCP" }] }),
      service("db", { clusterIP: "None", ports: [{ name: "sql", port: 5432, protocol: "TCP" }] }),
      service("empty", { clusterIP: "None" }),
      service("inside", { type: "ExternalName", externalName: "web.default.svc.cluster.local" }),
      service("outside", { type: "ExternalName", externalName: "example.com" }),
    ]);
    const slices = await scriptedInformer<EndpointSlice>(clock, ENDPOINT_SLICES, [
      {
        metadata: { namespace: "default", name: "db-x", labels: { "kubernetes.io/service-name": "db" } },
        addressType: "IPv4",
        ports: [{ name: "sql", port: 5432, protocol: "TCP" }],
        endpoints: [
          { addresses: ["10.244.1.5"], hostname: "db-0", conditions: { ready: true } },
          { addresses: ["10.244.2.6"], conditions: { ready: true } },
          { addresses: ["10.244.2.7"], conditions: { ready: false } },
        ],
      },
    ]);
    const namespaces = await scriptedInformer<Namespace>(clock, NAMESPACES, [{ metadata: { name: "default" } }]);
    const server = network.attach(DNS, { kind: "pod", name: "kube-system/coredns" });
    serveDns(
      server,
      { corefile: COREFILE, resolvConf: "", log: () => undefined },
      {
        source: { services: services.informer, endpointSlices: slices.informer, namespaces: namespaces.informer },
        clock,
        random: new SeededRandom(3),
      },
    );
    client = network.attach("10.244.1.9", { kind: "pod", name: "default/client" });
  });

  const ask = async (name: string, type: DnsType) => {
    const message = await askServer(client, DNS, name, type, 1000);
    if (!message) throw new Error("no answer");
    return message;
  };
  const addresses = async (name: string): Promise<string[]> =>
    (await ask(name, "A")).answers.flatMap((record) => (record.type === "A" ? record.address : [])).sort();

  it("gives a Service its cluster IP", async () => {
    const message = await ask("web.default.svc.cluster.local", "A");
    expect(message).toMatchObject({ response: true, code: 0, authoritative: true });
    expect(message.answers).toEqual([
      { name: "web.default.svc.cluster.local", ttl: 30, type: "A", address: "10.96.1.4" },
    ]);
  });

  it("gives a headless Service its ready endpoints, and each endpoint a name", async () => {
    expect(await addresses("db.default.svc.cluster.local")).toEqual(["10.244.1.5", "10.244.2.6"]);
    expect(await addresses("db-0.db.default.svc.cluster.local")).toEqual(["10.244.1.5"]);
    expect(await addresses("10-244-2-6.db.default.svc.cluster.local")).toEqual(["10.244.2.6"]);
  });

  it("tells a name that does not exist from one without such a record", async () => {
    for (const name of ["nothing.default.svc", "empty.default.svc", "web.red.svc", "red.svc", "x"]) {
      expect(await ask(`${name}.cluster.local`, "A"), name).toMatchObject({ code: 3, answers: [] });
    }
    const noData = await ask("web.default.svc.cluster.local", "AAAA");
    expect(noData).toMatchObject({ code: 0, answers: [], authorities: [{ type: "SOA", name: "cluster.local" }] });
    expect((await ask("default.svc.cluster.local", "A")).code).toBe(0);
  });

  it("follows an alias inside the cluster and only names one outside", async () => {
    const inside = await ask("inside.default.svc.cluster.local", "A");
    expect(inside.answers.map(({ type }) => type)).toEqual(["CNAME", "A"]);
    const outside = await ask("outside.default.svc.cluster.local", "A");
    expect(outside.answers).toMatchObject([{ type: "CNAME", target: "example.com" }]);
  });

  it("answers SRV for named ports with the target's address beside it", async () => {
    const web = await ask("_http._tcp.web.default.svc.cluster.local", "SRV");
    expect(web.answers).toMatchObject([
      { priority: 0, weight: 100, port: 80, target: "web.default.svc.cluster.local" },
    ]);
    expect(web.additionals).toMatchObject([{ type: "A", address: "10.96.1.4" }]);
    const db = await ask("_sql._tcp.db.default.svc.cluster.local", "SRV");
    expect(db.answers.map((record) => record.type === "SRV" && `${record.weight} ${record.target}`).sort()).toEqual([
      "50 10-244-2-6.db.default.svc.cluster.local",
      "50 db-0.db.default.svc.cluster.local",
    ]);
    expect((await ask("_ftp._tcp.web.default.svc.cluster.local", "SRV")).code).toBe(3);
  });

  it("knows the names of cluster IPs, of headless endpoints and of pods", async () => {
    const name = async (address: string) => (await ask(reverseName(address), "PTR")).answers;
    expect(await name("10.96.1.4")).toMatchObject([{ target: "web.default.svc.cluster.local" }]);
    expect(await name("10.244.1.5")).toMatchObject([{ target: "db-0.db.default.svc.cluster.local" }]);
    expect(await name("10.244.9.9")).toEqual([]);
    expect(await addresses("10-244-9-9.default.pod.cluster.local")).toEqual(["10.244.9.9"]);
  });

  it("answers over TCP as well", async () => {
    const connection = await client.connect({ address: DNS, port: 53 });
    const message = query(9, "web.default.svc.cluster.local", "A");
    await connection.writer.write(Uint8Array.from([0, message.length, ...message.subarray(0, 5)]));
    await connection.writer.write(message.subarray(5));
    const reply = await connection.reader.read();
    expect(decodeMessage((reply ?? new Uint8Array()).subarray(2)).answers).toHaveLength(1);
  });

  it("says that it cannot read what is not DNS", async () => {
    const reply = decodeMessage(await client.exchange({ address: DNS, port: 53 }, Uint8Array.from([1, 2, 3]), 1000));
    expect(reply).toMatchObject({ id: 0x0102, code: 1 });
  });

  it("is found by programs through hosts file, search path and absolute names", async () => {
    const found = async (name: string) => {
      const resolution = await resolve(client, RESOLV_CONF, HOSTS, name);
      return resolution.ok ? `${resolution.canonicalName} ${resolution.addresses.join(" ")}` : resolution.reason;
    };
    expect(await found("web")).toBe("web.default.svc.cluster.local 10.96.1.4");
    expect(await found("web.default")).toBe("web.default.svc.cluster.local 10.96.1.4");
    expect(await found("inside")).toBe("web.default.svc.cluster.local 10.96.1.4");
    expect(await found("db.example")).toBe("db.example 10.1.2.3");
    expect(await found("10.9.8.7")).toBe("10.9.8.7 10.9.8.7");
    expect(await found("web.red")).toBe("not-found");
    const lost = await resolve(client, "nameserver 10.244.1.9\n", "", "web");
    expect(lost).toEqual({ ok: false, reason: "no-answer" });
  });

  it("reads resolv.conf and orders candidates by ndots", () => {
    const config = parseResolvConf("# c\nsearch a.b b\nnameserver 1.1.1.1\noptions ndots:2 timeout:1 attempts:3\n");
    expect(config).toEqual({ nameservers: ["1.1.1.1"], search: ["a.b", "b"], ndots: 2, timeoutMs: 1000, attempts: 3 });
    expect(searchCandidates(config, "x")).toEqual(["x.a.b", "x.b", "x"]);
    expect(searchCandidates(config, "x.y.z")).toEqual(["x.y.z", "x.y.z.a.b", "x.y.z.b"]);
    expect(searchCandidates(config, "x.")).toEqual(["x"]);
  });

  it("reads back every kind of record it writes", () => {
    const message = decodeMessage(
      encodeMessage({
        ...decodeMessage(query(5, "a.example", "ANY")),
        answers: [
          { name: "a.example", ttl: 5, type: "A", address: "200.1.2.3" },
          { name: "a.example", ttl: 5, type: "CNAME", target: "b.a.example" },
          { name: "a.example", ttl: 5, type: "AAAA", address: "fd00:1:2:3:4:5:6:7" },
          {
            name: "a.example",
            ttl: 5,
            type: "SOA",
            primary: "ns.a.example",
            mailbox: "root.a.example",
            serial: 4_000_000_000,
          },
        ],
      }),
    );
    expect(message.answers).toMatchObject([
      { address: "200.1.2.3" },
      { target: "b.a.example" },
      { address: "fd00:1:2:3:4:5:6:7" },
      { primary: "ns.a.example", mailbox: "root.a.example", serial: 4_000_000_000 },
    ]);
  });

  it("refuses names that loop", () => {
    const looping = Uint8Array.from([0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xc0, 12, 0, 1, 0, 1]);
    expect(() => decodeMessage(looping)).toThrow("name points forward");
  });
});

function service(name: string, spec: ServiceSpec): Service {
  return { metadata: { namespace: "default", name }, spec: { type: "ClusterIP", ...spec } };
}
