/** Counts of a test run; every stage adds its own, the last line of `npm test` is their sum. */
export class Tally {
  passed = 0;
  failed = 0;
  skipped = 0;

  add({ passed = 0, failed = 0, skipped = 0 }) {
    this.passed += passed;
    this.failed += failed;
    this.skipped += skipped;
    return this;
  }

  toString() {
    return `${this.passed} passed, ${this.failed} failed, ${this.skipped} skipped`;
  }
}

/** Reads the last line `N passed, N failed[, N skipped]` of a command's output; undefined when there is none. */
export function tallyOf(output) {
  const lines = [...output.matchAll(/^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/gm)];
  const last = lines.at(-1);
  if (!last) return undefined;
  return new Tally().add({ passed: Number(last[1]), failed: Number(last[2]), skipped: Number(last[3] ?? 0) });
}
