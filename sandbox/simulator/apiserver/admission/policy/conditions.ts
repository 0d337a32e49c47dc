import type { MatchCondition } from "../../../api/generated/kubernetes";
import { CelError, compile, type Compiled } from "../../../cel/program";
import type { Environment } from "@marcbachmann/cel-js";

/** What came of match conditions: `fault` when some could not be judged and none said no. */
export type ConditionsResult = { readonly matches: boolean } | { readonly fault: string };

/** Compiled match conditions. https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#matching-requests-matchconditions */
export type Conditions = readonly Compiled[];

export function compileConditions(
  conditions: readonly MatchCondition[] | undefined,
  environment: Environment,
): Conditions {
  return (conditions ?? []).map(({ expression }) => compile(expression.trim(), environment));
}

/** One that is false decides; with faults only, the failure policy does. */
export function judgeConditions(
  conditions: Conditions,
  values: object,
  failurePolicy: string | undefined,
): ConditionsResult {
  const faults: string[] = [];
  for (const condition of conditions) {
    const result = evaluate(condition, values);
    if (result.fault !== undefined) faults.push(result.fault);
    else if (result.value !== true) return { matches: false };
  }
  if (faults.length === 0) return { matches: true };
  if (failurePolicy === "Ignore") return { matches: false };
  return { fault: faults.length === 1 ? faults.join() : `[${faults.join(", ")}]` };
}

/** Runs one expression; `fault` in the words that refusals carry. */
export function evaluate(compiled: Compiled, values: object): { readonly value?: unknown; readonly fault?: string } {
  if (!compiled.ok) return { fault: `compilation error: ${compiled.why}` };
  try {
    return { value: compiled.program.run(values) };
  } catch (error) {
    if (!(error instanceof CelError)) throw error;
    return { fault: `expression '${compiled.program.source}' resulted in error: ${error.message}` };
  }
}
