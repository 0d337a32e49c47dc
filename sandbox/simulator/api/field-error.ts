/**
 * What validation says about one field: path, kind of fault, and the sentence that goes with it.
 * `detail` is the cause's message, `text` the same with its path, as it stands in the error's message.
 */
export interface FieldError {
  readonly field: string;
  /** `FieldValueInvalid`, `FieldValueRequired`, … */
  readonly reason: string;
  readonly detail: string;
  readonly text: string;
}

export function invalidValue(field: string, value: unknown, why: string): FieldError {
  return fieldError(field, "FieldValueInvalid", join(`Invalid value: ${show(value)}`, why));
}

export function requiredValue(field: string, why = ""): FieldError {
  return fieldError(field, "FieldValueRequired", join("Required value", why));
}

export function duplicateValue(field: string, value: unknown): FieldError {
  return fieldError(field, "FieldValueDuplicate", `Duplicate value: ${show(value)}`);
}

export function notFoundValue(field: string, value: unknown): FieldError {
  return fieldError(field, "FieldValueNotFound", `Not found: ${show(value)}`);
}

export function forbiddenValue(field: string, why: string): FieldError {
  return fieldError(field, "FieldValueForbidden", join("Forbidden", why));
}

export function notSupported(field: string, value: unknown, supported: readonly string[]): FieldError {
  const list =
    supported.length === 0 ? "" : `supported values: ${supported.map((each) => JSON.stringify(each)).join(", ")}`;
  return fieldError(field, "FieldValueNotSupported", join(`Unsupported value: ${show(value)}`, list));
}

export function tooLong(field: string, maxBytes: number): FieldError {
  return fieldError(field, "FieldValueTooLong", `Too long: may not be more than ${maxBytes} bytes`);
}

export function tooMany(field: string, actual: number, most: number): FieldError {
  const items = most === 1 ? "item" : "items";
  return fieldError(field, "FieldValueTooMany", `Too many: ${actual}: must have at most ${most} ${items}`);
}

function fieldError(field: string, reason: string, detail: string): FieldError {
  return { field, reason, detail, text: `${field === "" ? "<nil>" : field}: ${detail}` };
}

function join(head: string, why: string): string {
  return why === "" ? head : `${head}: ${why}`;
}

function show(value: unknown): string {
  if (value === undefined || value === null) return "null";
  return JSON.stringify(value);
}
