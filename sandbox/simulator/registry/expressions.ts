import type { Environment } from "@marcbachmann/cel-js";
import { invalidValue, type FieldError } from "../api/field-error";
import { compile } from "../cel/program";

/** Why an expression cannot be used where it stands: it does not compile, or gives something of another type. */
export function expressionFaults(
  path: string,
  source: string,
  environment: Environment,
  types: readonly string[],
  isMutation = false,
): FieldError[] {
  const result = compile(source, environment, isMutation);
  if (!result.ok) return [invalidValue(path, source, result.why)];
  const { type } = result.program;
  if (types.length === 0 || types.includes(type)) return [];
  const wanted = types.length === 1 ? types.join() : `one of [${types.join(" ")}]`;
  return [invalidValue(path, source, `must evaluate to ${wanted} but got ${type}`)];
}
