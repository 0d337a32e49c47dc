import { RE2JS } from "re2js";
import type { DnsRecord } from "../dns-message";
import { errorAt, zoneName, type Directive } from "./corefile";
import type { DnsReply, Plugin } from "./plugin";

interface NameRule {
  readonly goesOn: boolean;
  /** The new name; `undefined` where the rule does not match. */
  readonly rename: (name: string) => string | undefined;
  /** What to make of names in the answer, when the question was renamed from one name to the other. */
  readonly restore: (name: string, from: string, to: string) => string;
}

/** `rewrite [continue|stop] name [exact|prefix|suffix|substring|regex] FROM TO [answer …]`: https://coredns.io/plugins/rewrite/ */
export function rewrite(directives: readonly Directive[]): Plugin {
  const rules = directives.flatMap(readRule);
  return (next) => async (request) => {
    let name = request.question.name;
    const steps: { rule: NameRule; from: string; to: string }[] = [];
    for (const rule of rules) {
      const to = rule.rename(name);
      if (to === undefined) continue;
      steps.unshift({ rule, from: name, to });
      name = to;
      if (!rule.goesOn) break;
    }
    if (steps.length === 0) return next(request);
    const reply = await next({ ...request, question: { ...request.question, name } });
    return steps.reduce(
      (current, { rule, from, to }) => renamed(current, (each) => rule.restore(each, from, to)),
      reply,
    );
  };
}

function renamed(reply: DnsReply, change: (name: string) => string): DnsReply {
  const each = (record: DnsRecord): DnsRecord => ({ ...record, name: change(record.name) });
  return { ...reply, answers: reply.answers.map(each), additionals: reply.additionals.map(each) };
}

function readRule({ args, block, line }: Directive): NameRule[] {
  const words = [...args];
  const action = words[0] === "continue" || words[0] === "stop" ? words.shift() : "stop";
  // The block form has one rule's parts on lines of their own.
  const parts = [words, ...block.map((each) => [each.name, ...each.args])].filter((part) => part.length > 0);
  const named = parts.find(([kind]) => kind === "name")?.slice(1);
  if (!named) return [];
  const kind = KINDS.has(named[0] ?? "") ? (named.shift() ?? "exact") : "exact";
  const [from, to, ...options] = named;
  if (from === undefined || to === undefined) throw errorAt(line, "rewrite name rule must have at least two arguments");
  const answers = [options, ...parts].find(([first]) => first === "answer")?.slice(1);
  return [
    { goesOn: action === "continue", ...matching(kind, from, to, line), restore: restoring(kind, answers, line) },
  ];
}

const KINDS = new Set(["exact", "prefix", "suffix", "substring", "regex"]);

function matching(kind: string, from: string, to: string, line: number): Pick<NameRule, "rename"> {
  const [fromName, toName] = [zoneName(from), zoneName(to)];
  switch (kind) {
    case "prefix":
      return { rename: (name) => (name.startsWith(from) ? to + name.slice(from.length) : undefined) };
    case "suffix":
      return {
        rename: (name) => (name.endsWith(fromName) ? name.slice(0, name.length - fromName.length) + toName : undefined),
      };
    case "substring":
      return { rename: (name) => (name.includes(from) ? name.replace(from, to) : undefined) };
    case "regex": {
      const pattern = compile(from, line);
      return { rename: (name) => substitute(pattern, `${name}.`, to) };
    }
    default:
      return { rename: (name) => (name === fromName ? toName : undefined) };
  }
}

function restoring(kind: string, answers: readonly string[] | undefined, line: number): NameRule["restore"] {
  if (answers?.[0] === "auto" || (!answers && kind !== "regex")) return (name, from, to) => (name === to ? from : name);
  const [pattern, replacement] = answers?.[0] === "name" ? answers.slice(1) : (answers ?? []);
  if (pattern === undefined || replacement === undefined) return (name) => name;
  const compiled = compile(pattern, line);
  return (name) => substitute(compiled, `${name}.`, replacement) ?? name;
}

function compile(pattern: string, line: number): RE2JS {
  try {
    return RE2JS.compile(pattern);
  } catch {
    throw errorAt(line, `invalid regex pattern in a rewrite rule: ${pattern}`);
  }
}

/** `{0}` is the whole match, `{1}` the first group. Patterns see the final dot, or go without. */
function substitute(pattern: RE2JS, name: string, template: string): string | undefined {
  for (const text of [name, name.slice(0, -1)]) {
    const matcher = pattern.matcher(text);
    if (!matcher.find()) continue;
    const groups = Array.from({ length: matcher.groupCount() + 1 }, (_, index) => matcher.group(index) ?? "");
    return zoneName(template.replace(/\{(\d+)\}/g, (_, index: string) => groups[Number(index)] ?? ""));
  }
  return undefined;
}
