import { isJsonObject } from "../api/json";

/** Finds what a path of a printer column, a scale or a selectable field leads to: `.spec.ports[0].port`, `.a['b.c']`, `[*]`, `[?(@.type=="Ready")]`. */
export type JsonPath = (value: unknown) => readonly unknown[];

/** `undefined` when it is no path of that kind. https://kubernetes.io/docs/reference/kubectl/jsonpath/ */
export function parseJsonPath(text: string): JsonPath | undefined {
  const steps: JsonPath[] = [];
  let rest = text
    .trim()
    .replace(/^\{|\}$/g, "")
    .replace(/^\$/, "");
  while (rest !== "") {
    const match = STEP.exec(rest);
    if (!match) return undefined;
    const step = stepOf(match.groups ?? {});
    if (!step) return undefined;
    steps.push(step);
    rest = rest.slice(match[0].length);
  }
  return (value) => steps.reduce<readonly unknown[]>((found, step) => found.flatMap((each) => step(each)), [value]);
}

const STEP =
  /^(?:\.(?<name>(?:\\.|[^.[\\])+)|\[(?:'(?<single>[^']*)'|"(?<double>[^"]*)"|(?<index>-?\d+)|(?<all>\*)|\?\((?<filter>[^\]]*)\))\])/;

function stepOf(groups: Partial<Record<string, string>>): JsonPath | undefined {
  const { name, index, all, filter } = groups;
  const key = name?.replace(/\\(.)/g, "$1") ?? groups.single ?? groups.double;
  if (key === "*" || all !== undefined) return (value) => childrenOf(value);
  if (key !== undefined) return (value) => (isJsonObject(value) && value[key] !== undefined ? [value[key]] : []);
  if (index !== undefined) return (value) => itemAt(value, Number(index));
  return filter === undefined ? undefined : filterOf(filter);
}

function childrenOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return isJsonObject(value) ? Object.values(value) : [];
}

function itemAt(value: unknown, index: number): readonly unknown[] {
  if (!Array.isArray(value)) return [];
  const item: unknown = value.at(index);
  return item === undefined ? [] : [item];
}

/** `@.type=="Ready"`, `@.count>3`, or `@.name` alone, which asks whether it is there. */
function filterOf(text: string): JsonPath | undefined {
  const match = /^\s*@(?<path>[^=!<>]*?)\s*(?:(?<operator>==|!=|<=|>=|<|>)\s*(?<operand>.+?)\s*)?$/.exec(text);
  const path = parseJsonPath(match?.groups?.path ?? "");
  if (!match || !path) return undefined;
  const { operator, operand } = match.groups ?? {};
  const wanted = operand === undefined ? undefined : literal(operand);
  const fits = (item: unknown): boolean => {
    const found = path(item);
    if (operator === undefined) return found.length > 0;
    return found.some((each) => compare(each, operator, wanted));
  };
  return (value) => childrenOf(value).filter(fits);
}

function literal(text: string): unknown {
  if (/^(['"]).*\1$/.test(text)) return text.slice(1, -1);
  if (text === "true" || text === "false") return text === "true";
  return Number(text);
}

function compare(left: unknown, operator: string, right: unknown): boolean {
  if (operator === "==") return left === right;
  if (operator === "!=") return left !== right;
  const isComparable = typeof left === "number" || typeof left === "string";
  if (!isComparable || typeof left !== typeof right) return false;
  const order = left === right ? 0 : typeof left === "number" ? left - Number(right) : left < String(right) ? -1 : 1;
  return operator === "<" ? order < 0 : operator === ">" ? order > 0 : operator === "<=" ? order <= 0 : order >= 0;
}
