import { isMotion } from "./motions";

/** A command of normal mode, read from its keys. */
export type Command =
  | { readonly kind: "motion"; readonly name: string; readonly char: string; readonly count?: number }
  | {
      readonly kind: "operator";
      readonly operator: string;
      /** A motion, or `lines`: the operator doubled. */
      readonly target: string;
      readonly char: string;
      readonly count?: number;
      readonly register: string;
    }
  | {
      readonly kind: "action";
      readonly name: string;
      readonly char: string;
      readonly count?: number;
      readonly register: string;
    };

const OPERATORS = "dcy<>";
const TAKES_CHAR = "rfFtTgzZm'`@";

/** The command that `keys` are; `more` when they only begin one. */
export function parseCommand(keys: string): Command | "more" {
  const [prefix = "", register = "", counted] = /^(?:"(.))?([1-9]\d*)?/su.exec(keys) ?? [];
  if (keys === '"') return "more";
  let rest = keys.slice(prefix.length);
  const [name = ""] = rest;
  if (name === "") return "more";
  rest = rest.slice(name.length);
  const count = counted === undefined ? undefined : Number(counted);
  if (!OPERATORS.includes(name)) return single(name, rest, count, register);
  const [again] = /^[1-9]\d*/.exec(rest) ?? [""];
  rest = rest.slice(again.length);
  const [target = ""] = rest;
  if (target === "") return "more";
  const both = counted === undefined && again === "" ? undefined : (count ?? 1) * Number(again || 1);
  const common = { kind: "operator", operator: name, register, ...(both !== undefined && { count: both }) } as const;
  if (target === name) return { ...common, target: "lines", char: "" };
  const inner = single(target, rest.slice(target.length), both, register);
  if (inner === "more") return "more";
  if (inner.kind !== "motion") return { kind: "action", name: "nothing", char: "", register };
  return { ...common, target: inner.name, char: inner.char };
}

function single(name: string, rest: string, count: number | undefined, register: string): Command | "more" {
  if (TAKES_CHAR.includes(name) && rest === "") return "more";
  const [following = ""] = rest;
  const counts = count === undefined ? {} : { count };
  if (name === "g" && following !== "g")
    return { kind: "action", name: `g${following}`, char: "", register, ...counts };
  if (!isMotion(name)) return { kind: "action", name, char: following, register, ...counts };
  return {
    kind: "motion",
    name,
    char: "fFtT".includes(name) ? name + following : "'`".includes(name) ? following : "",
    ...counts,
  };
}
