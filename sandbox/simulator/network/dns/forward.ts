import { DNS_CODES, DNS_TYPES, type DnsType } from "../dns-message";
import type { NetworkHost } from "../network";
import { askServer, parseResolvConf } from "../resolver";
import { inZone, zoneName, type Directive } from "./corefile";
import { emptyReply, type Plugin } from "./plugin";

/** How long an upstream server may take before the next one is asked. */
const UPSTREAM_TIMEOUT_MS = 2000;

/** `forward FROM TO…`, where TO is an address or a resolv.conf: https://coredns.io/plugins/forward/ */
export function forward(
  { args, block }: Directive,
  host: NetworkHost,
  resolvConf: string,
  failed: (text: string) => void,
): Plugin {
  const [from = ".", ...to] = args;
  const zone = zoneName(from);
  const excepted = block.filter(({ name }) => name === "except").flatMap((each) => each.args.map(zoneName));
  const servers = to.flatMap((each) =>
    each.startsWith("/") ? parseResolvConf(resolvConf).nameservers : upstream(each),
  );
  return (next) => async (request) => {
    const { name, type } = request.question;
    if (!inZone(name, zone) || excepted.some((each) => inZone(name, each))) return next(request);
    const typeName = Object.entries(DNS_TYPES).find(([, code]) => code === type)?.[0];
    if (!typeName || !isType(typeName)) return emptyReply(DNS_CODES.NOTIMP);
    for (const { address, port } of servers.map(splitPort)) {
      const answer = await askServer(host, address, name, typeName, UPSTREAM_TIMEOUT_MS, port);
      if (answer) {
        const { code, answers, authorities, additionals } = answer;
        return { code, authoritative: false, answers, authorities, additionals };
      }
      failed(
        `2 ${name}. ${typeName}: read udp ${host.address}:${(request.id % 28_000) + 32_768}->${address}:${port}: i/o timeout`,
      );
    }
    return emptyReply(DNS_CODES.SERVFAIL);
  };
}

function upstream(text: string): string {
  return text.replace(/^(?:dns|tls):\/\//, "");
}

function splitPort(text: string): { address: string; port: number } {
  const [address = "", port] = text.split(":");
  return { address, port: port ? Number(port) : 53 };
}

function isType(text: string): text is DnsType {
  return Object.hasOwn(DNS_TYPES, text);
}
