import { describe, expect, it } from "vitest";
import { BackOff, goDuration, goSeconds } from "./back-off";
import { expand } from "./container-environment";
import { podResources } from "./pod-resources";
import { podResolvConf } from "./resolv-conf";
import { serviceEnvironment } from "./service-environment";

const DNS = {
  clusterDns: "10.96.0.10",
  clusterDomain: "cluster.local",
  nodeResolvConf: "nameserver 172.18.0.1\noptions ndots:0\n",
};

describe("a back-off", () => {
  it("starts with none, doubles up to its limit and forgets after a long good run", () => {
    const backOff = new BackOff(10, 40);
    const delays: number[] = [];
    for (let now = 0; delays.length < 5;) {
      now += backOff.remainingMs("a", now, now);
      backOff.next("a", now, now);
      delays.push(backOff.delayMs("a"));
    }
    expect(delays).toEqual([10, 20, 40, 40, 40]);
    expect(backOff.remainingMs("a", 1000, 1000)).toBe(0);
    expect(backOff.remainingMs("b", 0, 0)).toBe(0);
  });

  it("writes durations as Go does", () => {
    expect([10_000, 80_000, 300_000].map(goSeconds)).toEqual(["10s", "1m20s", "5m0s"]);
    expect([0, 47, 1234, 61_500].map(goDuration)).toEqual(["0s", "47ms", "1.234s", "1m1.5s"]);
  });
});

describe("a pod's resolv.conf", () => {
  it("follows the DNS policy", () => {
    const of = (spec: object) =>
      podResolvConf({ metadata: { namespace: "blue" }, spec: { containers: [], ...spec } }, DNS);
    const cluster =
      "search blue.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n";
    expect(of({})).toBe(cluster);
    expect(of({ dnsPolicy: "Default" })).toBe("nameserver 172.18.0.1\noptions ndots:0\n");
    expect(of({ hostNetwork: true, dnsPolicy: "ClusterFirst" })).toBe("nameserver 172.18.0.1\noptions ndots:0\n");
    expect(of({ hostNetwork: true, dnsPolicy: "ClusterFirstWithHostNet" })).toBe(cluster);
    const own = {
      nameservers: ["1.2.3.4"],
      searches: ["x.y"],
      options: [{ name: "ndots", value: "2" }, { name: "edns0" }],
    };
    expect(of({ dnsPolicy: "None", dnsConfig: own })).toBe("search x.y\nnameserver 1.2.3.4\noptions ndots:2 edns0\n");
  });
});

describe("a container's environment", () => {
  it("expands references once, keeps unknown ones and takes $$ as $", () => {
    const lookup = (name: string): string | undefined => ({ A: "1", B: "$(A)" })[name];
    expect(expand("$(A) $(B) $(C) $$(A) $A $", lookup)).toBe("1 $(A) $(C) $(A) $A $");
  });

  it("names a Service's ports in both styles", () => {
    const service = {
      metadata: { name: "my-db" },
      spec: {
        clusterIP: "10.0.0.1",
        ports: [
          { name: "sql", port: 5432 },
          { name: "admin", port: 80, protocol: "UDP" },
        ],
      },
    };
    expect(serviceEnvironment([service]).map(({ name, value }) => `${name}=${value}`)).toEqual([
      "MY_DB_SERVICE_HOST=10.0.0.1",
      "MY_DB_SERVICE_PORT=5432",
      "MY_DB_SERVICE_PORT_SQL=5432",
      "MY_DB_SERVICE_PORT_ADMIN=80",
      "MY_DB_PORT=tcp://10.0.0.1:5432",
      "MY_DB_PORT_5432_TCP=tcp://10.0.0.1:5432",
      "MY_DB_PORT_5432_TCP_PROTO=tcp",
      "MY_DB_PORT_5432_TCP_PORT=5432",
      "MY_DB_PORT_5432_TCP_ADDR=10.0.0.1",
      "MY_DB_PORT_80_UDP=udp://10.0.0.1:80",
      "MY_DB_PORT_80_UDP_PROTO=udp",
      "MY_DB_PORT_80_UDP_PORT=80",
      "MY_DB_PORT_80_UDP_ADDR=10.0.0.1",
    ]);
    expect(
      serviceEnvironment([{ metadata: { name: "h" }, spec: { clusterIP: "None", ports: [{ port: 1 }] } }]),
    ).toEqual([]);
  });
});

describe("a pod's resources", () => {
  it("sums its containers, and has a limit only when each has one", () => {
    const limited = { requests: { cpu: "50m", memory: "32Mi" }, limits: { cpu: "100m", memory: "64Mi" } };
    const half = { requests: { cpu: "50m" }, limits: { cpu: "1" } };
    const of = (...list: object[]) =>
      podResources({ containers: list.map((resources, at) => ({ name: `c${at}`, resources })) });
    expect(of(limited)).toEqual(limited);
    expect(of(limited, half)).toEqual({ requests: { cpu: "100m", memory: "32Mi" }, limits: { cpu: "1100m" } });
    expect(of({})).toBeUndefined();
  });
});
