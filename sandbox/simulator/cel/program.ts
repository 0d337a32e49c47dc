import {
  EvaluationError,
  ParseError,
  TypeError as CelTypeError,
  type ASTNode,
  type Environment,
  type ParseResult,
} from "@marcbachmann/cel-js";
import { describeIssue, goType } from "./issues";
import { prepareSource } from "./source";

/** A compiled expression. */
export interface Program {
  readonly source: string;
  /** What it gives, in the server's spelling: `bool`, `list(string)`, `dyn`. */
  readonly type: string;
  /** The same, in the library's. */
  readonly ownType: string;
  /** Throws a `CelError` with the server's words. */
  run(variables: object): unknown;
}

/** An expression that went wrong while it ran. */
export class CelError extends Error {
  override readonly name = "CelError";
}

export type Compiled = { readonly ok: true; readonly program: Program } | { readonly ok: false; readonly why: string };

/** Compiles an expression in an environment. `why` starts with `compilation failed: ` and names every place. */
export function compile(source: string, environment: Environment, isMutation = false): Compiled {
  const prepared = prepareSource(source, isMutation);
  try {
    return { ok: true, program: programOf(source, parse(prepared, environment)) };
  } catch (error) {
    if (!isLibraryError(error)) throw error;
    const why = describeIssue(isMutation ? prepared : source, error, environment);
    return { ok: false, why: `compilation failed: ${why}` };
  }
}

interface Parsed {
  readonly parsed: ParseResult;
  readonly ownType: string;
}

function parse(source: string, environment: Environment): Parsed {
  const parsed = environment.parse(source);
  const { valid, type = "dyn", error } = parsed.check();
  if (valid) return { parsed, ownType: type };
  // What is known only when it runs may stand beside anything, and so may what is to be formatted.
  const isMixed =
    error?.code.startsWith("heterogeneous_") && (/'dyn'/.test(error.summary) || /\.format\(/.test(source));
  if (!isMixed || !environment.opts.homogeneousAggregateLiterals) throw error ?? new Error("no reason to refuse");
  return parse(source, environment.clone({ homogeneousAggregateLiterals: false }));
}

function programOf(source: string, { parsed, ownType }: Parsed): Program {
  const run = (variables: object): unknown => {
    if (estimatedSteps(parsed.ast, largest(variables)) > MOST_STEPS) {
      throw new CelError("operation cancelled: actual cost limit exceeded");
    }
    try {
      const value: unknown = parsed({ ...variables });
      return value;
    } catch (error) {
      if (isLibraryError(error)) throw new CelError(runtimeText(error), { cause: error });
      throw error;
    }
  };
  return { source, type: goType(ownType), ownType, run };
}

type LibraryError = EvaluationError | ParseError | CelTypeError;

function isLibraryError(error: unknown): error is LibraryError {
  return error instanceof EvaluationError || error instanceof ParseError || error instanceof CelTypeError;
}

function runtimeText({ code, summary }: LibraryError): string {
  switch (code) {
    case "no_such_key":
      return summary.replace(/^No such key/, "no such key");
    case "index_out_of_bounds":
      return `index out of bounds: ${/index (-?\d+)/.exec(summary)?.[1] ?? ""}`;
    case "no_such_overload":
    case "no_matching_overload":
    case "invalid_logical_operand":
    case "invalid_condition_type":
      return "no such overload";
    case "modulo_by_zero":
      return "modulus by zero";
    default:
      return summary;
  }
}

/** What one expression may cost, in the server's units. https://kubernetes.io/docs/reference/using-api/cel/#resource-constraints */
const MOST_STEPS = 1_000_000;

const LOOPS = new Set(["all", "exists", "exists_one", "existsOne", "map", "filter"]);

/** An upper bound: every loop runs over the largest collection there is. */
function estimatedSteps(node: ASTNode, size: number): number {
  const children = childrenOf(node.args);
  if (node.op === "rcall" && LOOPS.has(node.args[0])) {
    const [receiver, ...inner] = children;
    const outside = receiver ? estimatedSteps(receiver, size) : 0;
    return 1 + outside + size * inner.reduce((sum, each) => sum + estimatedSteps(each, size), 0);
  }
  return 1 + children.reduce((sum, each) => sum + estimatedSteps(each, size), 0);
}

function childrenOf(args: unknown): ASTNode[] {
  if (Array.isArray(args)) return args.flatMap(childrenOf);
  return isNode(args) ? [args] : [];
}

function isNode(value: unknown): value is ASTNode {
  return typeof value === "object" && value !== null && "op" in value && "args" in value;
}

/** The length of the longest list or map among plain values; what is worked out only when asked for is not looked into. */
function largest(value: unknown): number {
  if (typeof value !== "object" || value === null) return 1;
  const known = sizes.get(value);
  if (known !== undefined) return known;
  let size = 1;
  if (Array.isArray(value)) size = value.reduce<number>((most, each) => Math.max(most, largest(each)), value.length);
  else if (Object.getPrototypeOf(value) === Object.prototype) {
    const entries = Object.values(Object.getOwnPropertyDescriptors(value));
    size = entries.reduce((most, { value: each }) => Math.max(most, largest(each)), entries.length);
  }
  sizes.set(value, size);
  return size;
}

const sizes = new WeakMap<object, number>();
