/** Orders versions as discovery announces them: v2, v1, v1beta2, v1alpha1, then others by name. Negative: `a` comes first. */
export function compareVersions(a: string, b: string): number {
  const left = parse(a);
  const right = parse(b);
  if (!left || !right) return left ? -1 : right ? 1 : a < b ? -1 : 1;
  return right.stage - left.stage || right.major - left.major || right.minor - left.minor;
}

function parse(version: string): { major: number; stage: number; minor: number } | undefined {
  const match = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version);
  if (!match) return undefined;
  return {
    major: Number(match[1]),
    stage: match[2] === "alpha" ? 0 : match[2] === "beta" ? 1 : 2,
    minor: Number(match[3] ?? 0),
  };
}
