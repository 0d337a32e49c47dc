import { beforeEach, describe, expect, it } from "vitest";
import type { EndpointSlice, Namespace, Service } from "../../api/generated/kubernetes";
import { ENDPOINT_SLICES, NAMESPACES, SERVICES } from "../../client/resources";
import { FakeClock } from "../../clock";
import { SeededRandom } from "../../random";
import { decodeMessage, encodeMessage } from "../dns-message";
import { serveDns, type DnsServerParts } from "../dns-server";
import type { NetworkHost } from "../network";
import { askServer } from "../resolver";
import { scriptedInformer } from "../scripted-informer";
import { VirtualNetwork } from "../virtual-network";
import { CorefileError, parseCorefile } from "./corefile";

const SERVER = "10.244.0.3";
const UPSTREAM = "172.18.0.1";

describe("a DNS server with a Corefile", () => {
  let clock: FakeClock;
  let host: NetworkHost;
  let client: NetworkHost;
  let parts: DnsServerParts;
  let logged: string[];
  let upstreamAsked: number;

  beforeEach(async () => {
    clock = new FakeClock();
    logged = [];
    upstreamAsked = 0;
    const random = new SeededRandom(1);
    const network = new VirtualNetwork({ clock, random });
    host = network.attach(SERVER, { kind: "pod", name: "kube-system/coredns" });
    client = network.attach("10.244.1.9", { kind: "pod", name: "default/client" });
    network.attach(UPSTREAM, { kind: "outside", name: "outside" }).serveDatagrams(53, (datagram) => {
      upstreamAsked++;
      const query = decodeMessage(datagram);
      const name = query.questions[0]?.name ?? "";
      return Promise.resolve(
        encodeMessage({ ...query, response: true, answers: [{ name, ttl: 60, type: "A", address: "203.0.113.9" }] }),
      );
    });
    const web = { metadata: { namespace: "default", name: "web" }, spec: { clusterIP: "10.96.1.4" } };
    const service = { ...web, spec: { ...web.spec, type: "ClusterIP", ports: [{ port: 80 }] } };
    parts = {
      source: {
        services: (await scriptedInformer<Service>(clock, SERVICES, [service])).informer,
        endpointSlices: (await scriptedInformer<EndpointSlice>(clock, ENDPOINT_SLICES)).informer,
        namespaces: (await scriptedInformer<Namespace>(clock, NAMESPACES, [{ metadata: { name: "default" } }]))
          .informer,
      },
      clock,
      random,
    };
  });

  const serve = (plugins: string) =>
    serveDns(
      host,
      {
        corefile: `.:53 {\n${plugins}\n}\n`,
        resolvConf: `nameserver ${UPSTREAM}\n`,
        log: (line) => void logged.push(line),
      },
      parts,
    );
  const ask = async (name: string): Promise<string> => {
    const message = await askServer(client, SERVER, name, "A", 10_000);
    if (!message) return "nobody";
    const records = message.answers.map((record) => ("address" in record ? `${record.name}=${record.address}` : ""));
    return message.code === 0 ? records.join(" ") : `code ${message.code}`;
  };
  const KUBERNETES = "kubernetes cluster.local {\n ttl 30\n}";

  it("asks upstream what is not the cluster's, and keeps it as long as it may", async () => {
    serve(`cache 30\n${KUBERNETES}\nforward . /etc/resolv.conf`);
    expect(await ask("web.default.svc.cluster.local")).toBe("web.default.svc.cluster.local=10.96.1.4");
    expect(await ask("example.com")).toBe("example.com=203.0.113.9");
    expect(await ask("example.com")).toBe("example.com=203.0.113.9");
    expect(upstreamAsked).toBe(1);
    await clock.advance(31_000);
    await ask("example.com");
    expect(upstreamAsked).toBe(2);
  });

  it("renames questions, and the answers back", async () => {
    serve(
      `rewrite name shop.example.com web.default.svc.cluster.local\nrewrite name regex (.*)\\.short {1}.default.svc.cluster.local\nrewrite name suffix .lan .default.svc.cluster.local\n${KUBERNETES}`,
    );
    expect(await ask("shop.example.com")).toBe("shop.example.com=10.96.1.4");
    expect(await ask("web.lan")).toBe("web.lan=10.96.1.4");
    expect(await ask("web.short")).toBe("web.default.svc.cluster.local=10.96.1.4");
  });

  it("answers from hosts and templates, before the cluster", async () => {
    serve(
      `hosts {\n 10.1.2.3 db.example.com db\n fallthrough\n}\ntemplate IN A pods.test {\n match ^ip-(\\d+)-(\\d+)-(\\d+)-(\\d+)\\.pods\\.test\\.$\n answer "{{ .Name }} 60 IN A {{ index .Match 1 }}.{{ index .Match 2 }}.{{ index .Match 3 }}.{{ index .Match 4 }}"\n fallthrough\n}\n${KUBERNETES}`,
    );
    expect(await ask("db.example.com")).toBe("db.example.com=10.1.2.3");
    expect(await ask("ip-10-0-0-7.pods.test")).toBe("ip-10-0-0-7.pods.test=10.0.0.7");
    expect(await ask("web.default.svc.cluster.local")).toBe("web.default.svc.cluster.local=10.96.1.4");
    expect(await ask("other.example.com")).toBe("code 2");
  });

  it("logs questions, and what upstream failed to say", async () => {
    serve(`log\nerrors\n${KUBERNETES}\nforward . 10.9.9.9`);
    await ask("web.default.svc.cluster.local");
    const failing = ask("example.com");
    await clock.advance(5000);
    expect(await failing).toBe("code 2");
    expect(logged[0]).toMatch(
      /^\[INFO] 10\.244\.1\.9:\d+ - 1 "A IN web\.default\.svc\.cluster\.local\. udp \d+ false 512" NOERROR qr,aa,rd \d+ 0\.0001s$/,
    );
    expect(logged[1]).toMatch(
      /^\[ERROR] plugin\/errors: 2 example\.com\. A: read udp .*->10\.9\.9\.9:53: i\/o timeout$/,
    );
  });

  it("gives zones of their own servers of their own", async () => {
    const corefile = `.:53 {\n${KUBERNETES}\n}\nlan:53 {\n hosts {\n 10.7.7.7 nas.lan\n }\n}\n`;
    serveDns(host, { corefile, resolvConf: "", log: () => undefined }, parts);
    expect(await ask("nas.lan")).toBe("nas.lan=10.7.7.7");
    expect(await ask("other.lan")).toBe("code 3");
  });

  it("says where a Corefile is wrong", () => {
    expect(() => parseCorefile(".:53 {\n  errors\n  kubernets cluster.local\n}\n")).toThrow(
      new CorefileError("/etc/coredns/Corefile:3 - Error during parsing: Unknown directive 'kubernets'"),
    );
    expect(() => parseCorefile(".:53 {\n  errors\n")).toThrow("Unexpected EOF");
  });
});
