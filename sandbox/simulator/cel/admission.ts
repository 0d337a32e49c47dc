import { EvaluationError, type Environment } from "@marcbachmann/cel-js";
import { registerAuthorizer } from "./authorizer";
import { celEnvironment } from "./environment";
import { CelError, compile, type Program } from "./program";

/** Which variables an expression of an admission policy or a webhook may use beside the ones that are always there. */
export interface Declarations {
  readonly params?: boolean;
  readonly authorizer?: boolean;
  /** Values may be `Object{…}` and `JSONPatch{…}`. */
  readonly mutation?: boolean;
}

/** `object`, `oldObject`, `request`, `namespaceObject` and what is declared. */
export function admissionEnvironment(declarations: Declarations): Environment {
  const key = [declarations.params, declarations.authorizer, declarations.mutation].map(Boolean).join();
  let environment = environments.get(key);
  if (!environment) environments.set(key, (environment = build(declarations)));
  return environment;
}

// Eight at most, all alike for every cluster.
const environments = new Map<string, Environment>();

function build({ params, authorizer, mutation }: Declarations): Environment {
  const environment = celEnvironment({ mixedLiterals: mutation });
  environment
    .registerType("kubernetes.GroupVersionKind", { fields: { group: "string", version: "string", kind: "string" } })
    .registerType("kubernetes.GroupVersionResource", {
      fields: { group: "string", version: "string", resource: "string" },
    })
    .registerType("kubernetes.UserInfo", {
      fields: { username: "string", uid: "string", groups: "list<string>", extra: "map<string, list<string>>" },
    })
    .registerType("kubernetes.AdmissionRequest", {
      fields: {
        kind: "kubernetes.GroupVersionKind",
        resource: "kubernetes.GroupVersionResource",
        subResource: "string",
        requestKind: "kubernetes.GroupVersionKind",
        requestResource: "kubernetes.GroupVersionResource",
        requestSubResource: "string",
        name: "string",
        namespace: "string",
        operation: "string",
        userInfo: "kubernetes.UserInfo",
        dryRun: "bool",
        options: "dyn",
      },
    })
    .registerVariable("object", "dyn")
    .registerVariable("oldObject", "dyn")
    .registerVariable("namespaceObject", "dyn")
    .registerVariable("request", "kubernetes.AdmissionRequest");
  if (params) environment.registerVariable("params", "dyn");
  if (authorizer) registerAuthorizer(environment);
  if (mutation) registerJsonPatch(environment);
  return environment;
}

/** `jsonPatch.escapeKey("a/b")`: a key as a step of a JSON pointer. */
function registerJsonPatch(environment: Environment): void {
  environment
    .registerType("kubernetes.JSONPatches", JsonPatches)
    .registerConstant("jsonPatch", "kubernetes.JSONPatches", new JsonPatches())
    .registerFunction("kubernetes.JSONPatches.escapeKey(string): string", (_on: JsonPatches, key: string) =>
      key.replaceAll("~", "~0").replaceAll("/", "~1"),
    );
}

/** Only the name space of `jsonPatch.escapeKey`. */
class JsonPatches {
  readonly name = "jsonPatch";
}

/** The variables of a policy: each may use those before it, and is worked out when it is first asked for. */
export interface Composition {
  /** With `variables` in it. */
  readonly environment: Environment;
  /** What does not compile, by its place. */
  readonly issues: ReadonlyMap<number, string>;
  /** The value of `variables` beside these others. */
  bind(values: object): object;
}

export function compose(
  variables: readonly { readonly name: string; readonly expression: string }[],
  declarations: Declarations,
): Composition {
  let environment = admissionEnvironment(declarations);
  const issues = new Map<number, string>();
  const programs = new Map<string, Program | string>();
  const fields: Record<string, string> = {};
  class Variables {
    constructor(readonly owner: object) {}
  }
  const declare = (): Environment =>
    admissionEnvironment(declarations)
      .clone()
      .registerType("kubernetes.variables", { ctor: Variables, fields: { ...fields } })
      .registerVariable("variables", "kubernetes.variables");
  variables.forEach(({ name, expression }, index) => {
    const result = compile(expression, environment, declarations.mutation);
    programs.set(name, result.ok ? result.program : result.why);
    if (!result.ok) issues.set(index, result.why);
    fields[name] = result.ok ? result.program.ownType : "dyn";
    environment = declare();
  });
  return {
    environment,
    issues,
    bind(values) {
      const bound = new Variables(values);
      const all = { ...values, variables: bound };
      for (const [name, program] of programs)
        Object.defineProperty(bound, name, { get: once(() => valueOf(name, program, all)) });
      return all;
    },
  };
}

function valueOf(name: string, program: Program | string, values: object): unknown {
  const label = JSON.stringify(name);
  if (typeof program === "string")
    throw new EvaluationError(`composited variable ${label} fails to compile: ${program}`);
  try {
    const value = program.run(values);
    if (isHuge(value)) throw new CelError("operation cancelled: actual cost limit exceeded");
    return value;
  } catch (error) {
    if (!(error instanceof CelError)) throw error;
    throw new EvaluationError(`composited variable ${label} fails to evaluate: ${error.message}`);
  }
}

// Doubling itself from variable to variable must end somewhere.
const LARGEST = 1_000_000;

function isHuge(value: unknown): boolean {
  return (typeof value === "string" || Array.isArray(value)) && value.length > LARGEST;
}

function once(make: () => unknown): () => unknown {
  let result: { value: unknown } | undefined;
  return () => (result ??= { value: make() }).value;
}
