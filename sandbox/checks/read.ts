/** Reads of untyped object content: what is absent or of another type is `undefined`, or empty. */
export function read(value: unknown, ...path: readonly (string | number)[]): unknown {
  let current = value;
  for (const step of path) {
    if (typeof step === "number") current = Array.isArray(current) ? current[step] : undefined;
    else current = isRecord(current) ? current[step] : undefined;
  }
  return current;
}

export function readText(value: unknown, ...path: readonly (string | number)[]): string | undefined {
  const found = read(value, ...path);
  return typeof found === "string" ? found : undefined;
}

export function readNumber(value: unknown, ...path: readonly (string | number)[]): number | undefined {
  const found = read(value, ...path);
  return typeof found === "number" ? found : undefined;
}

export function readList(value: unknown, ...path: readonly (string | number)[]): readonly unknown[] {
  const found = read(value, ...path);
  return Array.isArray(found) ? found : [];
}

export function readLabels(value: unknown, ...path: readonly (string | number)[]): Readonly<Record<string, string>> {
  const found = read(value, ...path);
  if (!isRecord(found)) return {};
  return Object.fromEntries(
    Object.entries(found).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
