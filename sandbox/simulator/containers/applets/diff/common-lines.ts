/** Pairs of equal lines, by their numbers from 0 in either text, in order: as many as there can be. */
export type CommonLines = readonly (readonly [number, number])[];

interface Candidate {
  readonly left: number;
  readonly right: number;
  readonly before: Candidate | undefined;
}

/**
 * The longest common subsequence after Hunt and McIlroy, as diff has always found it:
 * https://www.cs.dartmouth.edu/~doug/diff.pdf. `step` is called now and then.
 */
export async function commonLines(
  left: readonly string[],
  right: readonly string[],
  step: () => Promise<void>,
): Promise<CommonLines> {
  let start = 0;
  while (start < left.length && start < right.length && left[start] === right[start]) start++;
  let [leftEnd, rightEnd] = [left.length, right.length];
  while (leftEnd > start && rightEnd > start && left[leftEnd - 1] === right[rightEnd - 1]) {
    leftEnd--;
    rightEnd--;
  }
  const places = new Map<string, number[]>();
  for (let at = rightEnd - 1; at >= start; at--) {
    const line = right[at] ?? "";
    const known = places.get(line);
    if (known) known.push(at);
    else places.set(line, [at]);
  }
  // The last of each chain of `k + 1` pairs that ends earliest on the right.
  const chains: Candidate[] = [];
  let looked = 0;
  for (let at = start; at < leftEnd; at++) {
    await step();
    for (const place of places.get(left[at] ?? "") ?? []) {
      if (++looked % PLACES_PER_STEP === 0) await step();
      const length = firstEndingAtOrAfter(chains, place);
      if (chains[length]?.right === place) continue;
      chains[length] = { left: at, right: place, before: chains[length - 1] };
    }
  }
  const middle: (readonly [number, number])[] = [];
  for (let pair = chains.at(-1); pair; pair = pair.before) middle.push([pair.left, pair.right]);
  return [
    ...Array.from({ length: start }, (_, at) => [at, at] as const),
    ...middle.reverse(),
    ...Array.from({ length: left.length - leftEnd }, (_, at) => [leftEnd + at, rightEnd + at] as const),
  ];
}

const PLACES_PER_STEP = 1000;

function firstEndingAtOrAfter(chains: readonly Candidate[], place: number): number {
  let [low, high] = [0, chains.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((chains[middle]?.right ?? 0) < place) low = middle + 1;
    else high = middle;
  }
  return low;
}
