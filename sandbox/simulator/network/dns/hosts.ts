import { isIPv4 } from "../address";
import { DNS_CODES, DNS_TYPES, type DnsRecord } from "../dns-message";
import { reverseName } from "../resolver";
import { inZone, zoneName, type Directive } from "./corefile";
import { emptyReply, type Plugin } from "./plugin";

const TTL_SECONDS = 3600;

/** `hosts [FILE [ZONE…]] { ADDRESS NAME…; ttl N; fallthrough }`: https://coredns.io/plugins/hosts/ */
export function hosts({ args, block }: Directive): Plugin {
  const zones = args.slice(args[0]?.startsWith("/") ? 1 : 0).map(zoneName);
  const ttl = Number(block.find(({ name }) => name === "ttl")?.args[0] ?? TTL_SECONDS);
  const fallsThrough = block.some(({ name }) => name === "fallthrough");
  const addresses = new Map<string, string[]>();
  const names = new Map<string, string[]>();
  for (const { name: address, args: given } of block.filter(({ name }) => isIPv4(name))) {
    for (const name of given.map(zoneName)) {
      addresses.set(name, [...(addresses.get(name) ?? []), address]);
      names.set(reverseName(address), [...(names.get(reverseName(address)) ?? []), name]);
    }
  }
  return (next) => async (request) => {
    const { name, type } = request.question;
    if (zones.length > 0 && !zones.some((zone) => inZone(name, zone))) return next(request);
    const answers: DnsRecord[] =
      type === DNS_TYPES.A
        ? (addresses.get(name) ?? []).map((address) => ({ name, ttl, type: "A", address }))
        : type === DNS_TYPES.PTR
          ? (names.get(name) ?? []).map((target) => ({ name, ttl, type: "PTR", target }))
          : [];
    if (answers.length > 0) return { ...emptyReply(DNS_CODES.NOERROR, true), answers };
    const isKnown = addresses.has(name) || names.has(name);
    if (isKnown && !fallsThrough) return emptyReply(DNS_CODES.NOERROR, true);
    return fallsThrough ? next(request) : emptyReply(DNS_CODES.NXDOMAIN, true);
  };
}
