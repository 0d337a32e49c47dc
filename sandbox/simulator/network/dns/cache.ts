import type { Clock } from "../../clock";
import { DNS_CODES, type DnsRecord } from "../dns-message";
import { inZone, zoneName, type Directive } from "./corefile";
import type { DnsReply, Plugin } from "./plugin";

const DEFAULT_TTL_SECONDS = 3600;
const DENIAL_TTL_SECONDS = 1800;
const MAX_ENTRIES = 1024;

/** `cache [TTL] [ZONE…] { disable success|denial [ZONE…] }`: https://coredns.io/plugins/cache/ */
export function cache({ args, block }: Directive, clock: Clock): Plugin {
  const seconds = /^\d+$/.test(args[0] ?? "") ? Number(args[0]) : undefined;
  const zones = args.slice(seconds === undefined ? 0 : 1).map(zoneName);
  const disabled = block
    .filter(({ name }) => name === "disable")
    .map(({ args: [kind = "", ...given] }) => ({ kind, zones: given.length > 0 ? given.map(zoneName) : [""] }));
  const entries = new Map<string, { reply: DnsReply; at: number; until: number }>();
  const isDisabled = (kind: string, name: string): boolean =>
    disabled.some((each) => each.kind === kind && each.zones.some((zone) => inZone(name, zone)));
  return (next) => async (request) => {
    const { name, type } = request.question;
    if (zones.length > 0 && !zones.some((zone) => inZone(name, zone))) return next(request);
    const key = `${type} ${name}`;
    const now = clock.now();
    const known = entries.get(key);
    if (known && known.until > now) return aged(known.reply, Math.floor((now - known.at) / 1000));
    const reply = await next(request);
    const kind = reply.answers.length > 0 ? "success" : "denial";
    const failed = reply.code !== DNS_CODES.NOERROR && reply.code !== DNS_CODES.NXDOMAIN;
    if (failed || isDisabled(kind, name)) return reply;
    const longest = seconds ?? (kind === "success" ? DEFAULT_TTL_SECONDS : DENIAL_TTL_SECONDS);
    const ttl = Math.min(longest, ...[...reply.answers, ...reply.authorities].map((record) => record.ttl));
    if (entries.size >= MAX_ENTRIES) entries.clear();
    if (ttl > 0) entries.set(key, { reply, at: now, until: now + ttl * 1000 });
    return reply;
  };
}

function aged(reply: DnsReply, seconds: number): DnsReply {
  const each = (record: DnsRecord): DnsRecord => ({ ...record, ttl: Math.max(0, record.ttl - seconds) });
  return { ...reply, answers: reply.answers.map(each), authorities: reply.authorities.map(each) };
}
