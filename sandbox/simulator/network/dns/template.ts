import { RE2JS } from "re2js";
import { isIPv4 } from "../address";
import { DNS_CODES, DNS_TYPES, type DnsRecord } from "../dns-message";
import { errorAt, inZone, zoneName, type Directive } from "./corefile";
import { emptyReply, type Plugin } from "./plugin";

/** `template CLASS TYPE [ZONE…] { match …; answer …; rcode …; fallthrough }`: https://coredns.io/plugins/template/ */
export function template({ args, block, line }: Directive): Plugin {
  const [, type = "ANY", ...zones] = args;
  const values = (name: string): string[] =>
    block.filter((each) => each.name === name).map(({ args: [value = ""] }) => value);
  const patterns = block
    .filter(({ name }) => name === "match")
    .flatMap((each) => each.args.map((text) => compile(text, line)));
  const answers = values("answer");
  const rcode = values("rcode")[0]?.toUpperCase() ?? "NOERROR";
  const code = Object.entries(DNS_CODES).find(([name]) => name === rcode)?.[1] ?? DNS_CODES.NOERROR;
  const fallsThrough = block.some(({ name }) => name === "fallthrough");
  const wanted = Object.entries(DNS_TYPES).find(([name]) => name === type.toUpperCase())?.[1];
  return (next) => async (request) => {
    const { name, type: asked } = request.question;
    const inZones = (zones.length === 0 ? [""] : zones.map(zoneName)).some((zone) => inZone(name, zone));
    if (!inZones || (wanted !== undefined && type !== "ANY" && wanted !== asked)) return next(request);
    const matched = patterns.length === 0 ? [`${name}.`] : firstMatch(patterns, `${name}.`);
    if (!matched) return fallsThrough ? next(request) : emptyReply(DNS_CODES.SERVFAIL);
    const records = answers.flatMap((text) => readRecord(fill(text, `${name}.`, matched)) ?? []);
    return { ...emptyReply(code, true), answers: records };
  };
}

function firstMatch(patterns: readonly RE2JS[], name: string): string[] | undefined {
  for (const pattern of patterns) {
    const matcher = pattern.matcher(name);
    if (matcher.find())
      return Array.from({ length: matcher.groupCount() + 1 }, (_, index) => matcher.group(index) ?? "");
  }
  return undefined;
}

function compile(pattern: string, line: number): RE2JS {
  try {
    return RE2JS.compile(pattern);
  } catch {
    throw errorAt(line, `could not parse regex: ${pattern}`);
  }
}

function fill(text: string, name: string, match: readonly string[]): string {
  return text.replace(/\{\{\s*(?:index\s+\.Match\s+(\d+)|\.(\w+))\s*\}\}/g, (_, index?: string, field?: string) => {
    if (index !== undefined) return match[Number(index)] ?? "";
    return field === "Name" ? name : field === "Match" ? (match[0] ?? "") : field === "Class" ? "IN" : "";
  });
}

/** `name ttl IN A 10.0.0.1` */
function readRecord(text: string): DnsRecord | undefined {
  const [owner = "", ttl = "", ...rest] = text.trim().split(/\s+/);
  const [type = "", value = ""] = rest[0] === "IN" ? rest.slice(1) : rest;
  const common = { name: zoneName(owner), ttl: Number(ttl) || 0 };
  if (type === "A" && isIPv4(value)) return { ...common, type, address: value };
  if (type === "CNAME" || type === "PTR" || type === "NS") return { ...common, type, target: zoneName(value) };
  return undefined;
}
