import type { Pod } from "../api/generated/kubernetes";

export interface DnsSettings {
  readonly clusterDns: string;
  readonly clusterDomain: string;
  /** The node's own /etc/resolv.conf, for `dnsPolicy: Default` and pods on the host's network. */
  readonly nodeResolvConf: string;
}

export const DEFAULT_DNS: DnsSettings = {
  clusterDns: "10.96.0.10",
  clusterDomain: "cluster.local",
  nodeResolvConf: "nameserver 172.18.0.1\noptions ndots:0\n",
};

/** /etc/resolv.conf of a pod. https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/#pod-s-dns-policy */
export function podResolvConf(pod: Pod, settings: DnsSettings): string {
  const { spec } = pod;
  const policy = spec?.dnsPolicy ?? "ClusterFirst";
  const namespace = pod.metadata?.namespace ?? "default";
  const config = spec?.dnsConfig ?? {};
  const fromCluster = policy === "ClusterFirstWithHostNet" || (policy === "ClusterFirst" && !spec?.hostNetwork);
  const { clusterDomain: domain } = settings;
  const parsed = parseLines(policy === "None" || fromCluster ? "" : settings.nodeResolvConf);
  const nameservers = [...(fromCluster ? [settings.clusterDns] : parsed.nameservers), ...(config.nameservers ?? [])];
  const search = [
    ...(fromCluster ? [`${namespace}.svc.${domain}`, `svc.${domain}`, domain] : parsed.search),
    ...(config.searches ?? []),
  ];
  const options = new Map(fromCluster ? [["ndots", "5"]] : parsed.options);
  for (const { name = "", value } of config.options ?? []) options.set(name, value ?? "");
  const lines = [
    ...(search.length > 0 ? [`search ${[...new Set(search)].join(" ")}`] : []),
    ...[...new Set(nameservers)].map((server) => `nameserver ${server}`),
    ...(options.size > 0
      ? [`options ${[...options].map(([name, value]) => (value ? `${name}:${value}` : name)).join(" ")}`]
      : []),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

function parseLines(text: string): { nameservers: string[]; search: string[]; options: [string, string][] } {
  const values = (keyword: string): string[] =>
    text.split("\n").flatMap((line) => (line.startsWith(`${keyword} `) ? line.trim().split(/\s+/).slice(1) : []));
  return {
    nameservers: values("nameserver"),
    search: values("search"),
    options: values("options").map((option): [string, string] => {
      const [name = "", value = ""] = option.split(":");
      return [name, value];
    }),
  };
}
