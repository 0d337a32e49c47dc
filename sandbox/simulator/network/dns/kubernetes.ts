import { ClusterZone, type PodNames, type ZoneSource } from "../cluster-zone";
import { DNS_CODES } from "../dns-message";
import { inZone, zoneName, type Directive } from "./corefile";
import { emptyReply, type Plugin } from "./plugin";

const TTL_SECONDS = 5;

/** `kubernetes ZONE… { pods …; ttl N; fallthrough [ZONE…] }`: https://coredns.io/plugins/kubernetes/ */
export function kubernetes({ args, block }: Directive, source: ZoneSource): Plugin {
  const zones = args.map(zoneName);
  const option = (name: string) => block.find((each) => each.name === name);
  const ttl = Number(option("ttl")?.args[0] ?? TTL_SECONDS);
  const clusters = zones
    .filter((zone) => !zone.endsWith(".arpa"))
    .map((zone) => new ClusterZone(source, zone, ttl, podNames(option("pods")?.args[0])));
  const fallthrough = option("fallthrough");
  const passes = fallthrough && (fallthrough.args.length > 0 ? fallthrough.args.map(zoneName) : [""]);
  return (next) => async (request) => {
    const { question } = request;
    if (!zones.some((zone) => inZone(question.name, zone))) return next(request);
    const own = clusters.find(({ domain }) => inZone(question.name, domain)) ?? clusters[0];
    const found = own?.answer(question);
    if (!own || !found) return next(request);
    if (found.code === DNS_CODES.NXDOMAIN && passes?.some((zone) => inZone(question.name, zone))) return next(request);
    return {
      ...emptyReply(found.code, true),
      answers: found.answers,
      authorities: found.answers.length === 0 ? [own.authority()] : [],
      additionals: found.additionals,
    };
  };
}

function podNames(text = "disabled"): PodNames {
  return text === "insecure" || text === "verified" ? text : "disabled";
}
