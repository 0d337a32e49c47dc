import { invalidValue, notSupported, requiredValue, type FieldError } from "../api/field-error";
import type { LabelSelector } from "../api/generated/kubernetes";
import { labelValueFaults, qualifiedNameFaults } from "./names";

/** Small rules about single fields that many kinds share. */

export function nonNegative(path: string, value: number | undefined): FieldError[] {
  return value !== undefined && value < 0 ? [invalidValue(path, value, "must be greater than or equal to 0")] : [];
}

export function oneOf(path: string, value: string | undefined, supported: readonly string[]): FieldError[] {
  if (!value) return [requiredValue(path)];
  return supported.includes(value) ? [] : [notSupported(path, value, supported)];
}

/** A name that must be there and be well formed. */
export function requiredName(
  path: string,
  name: string | undefined,
  faults: (name: string) => readonly string[],
): FieldError[] {
  return name ? faults(name).map((fault) => invalidValue(path, name, fault)) : [requiredValue(path)];
}

export function portNumber(path: string, value: number): FieldError[] {
  return value >= 1 && value <= 65535 ? [] : [invalidValue(path, value, "must be between 1 and 65535, inclusive")];
}

export function validateLabelSelector(path: string, selector: LabelSelector | undefined): FieldError[] {
  const errors: FieldError[] = [];
  for (const [key, value] of Object.entries(selector?.matchLabels ?? {})) {
    errors.push(...qualifiedNameFaults(key).map((fault) => invalidValue(`${path}.matchLabels`, key, fault)));
    errors.push(...labelValueFaults(value).map((fault) => invalidValue(`${path}.matchLabels`, value, fault)));
  }
  selector?.matchExpressions?.forEach((expression, index) => {
    const at = `${path}.matchExpressions[${index}]`;
    const count = expression.values?.length ?? 0;
    if (["In", "NotIn"].includes(expression.operator)) {
      if (count === 0)
        errors.push(requiredValue(`${at}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
    } else if (["Exists", "DoesNotExist"].includes(expression.operator)) {
      if (count > 0) {
        const detail = "Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
        errors.push({ field: `${at}.values`, reason: "FieldValueForbidden", detail, text: `${at}.values: ${detail}` });
      }
    } else errors.push(invalidValue(`${at}.operator`, expression.operator, "not a valid selector operator"));
    errors.push(
      ...qualifiedNameFaults(expression.key).map((fault) => invalidValue(`${at}.key`, expression.key, fault)),
    );
  });
  return errors;
}
