/**
 * Steps of the recordings that no cluster can answer as recorded, each with its reason. They are run, and counted as
 * skipped when they differ; nothing else is forgiven.
 */
export const GOLDEN_ACCIDENTS = [
  {
    scenario: "seeds/test-client-shell",
    steps: [6, 7, 8],
    reason:
      "recorded after a step that is no longer in the scenario: step 5 shows no pod test-client, step 6 finds one there, and step 8 shows it 90 s old, " +
      "the recorder's limit for one step, while all the steps that remain took less than 2 s",
  },
];

/**
 * @param {{ name: string, steps: number, matched: number, failures: { step: number }[] }[]} results of the checker
 * @returns {{ passed: number, failed: number, skipped: number, accidents: string[] }}
 */
export function countGoldens(results) {
  const tally = { passed: 0, failed: 0, skipped: 0, accidents: [] };
  for (const { name, steps, matched, failures } of results) {
    const known = GOLDEN_ACCIDENTS.find(({ scenario }) => name.endsWith(scenario));
    const excused = failures.filter(({ step }) => known?.steps.includes(step)).length;
    tally.passed += matched;
    tally.skipped += excused;
    tally.failed += steps - matched - excused;
    if (excused > 0) tally.accidents.push(`${name}, ${excused} steps: ${known.reason}`);
  }
  return tally;
}
