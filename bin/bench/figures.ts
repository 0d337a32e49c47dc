/** One measured figure. `definition` says exactly what was measured, so that another run can be compared with it. */
export interface Figure {
  readonly name: string;
  readonly definition: string;
  readonly unit: "ms" | "ratio" | "MB" | "per second" | "per cent" | "count";
  readonly value: number;
  /** At most this; of what is counted per second at least this. Null where there is none. */
  readonly aim: number | null;
  /** Aims of absolute times and rates are reported, never enforced; ratios and bytes are. */
  readonly enforced: boolean;
}

export function figure(name: string, definition: string, unit: Figure["unit"], value: number, aim: number): Figure {
  return { name, definition, unit, value: round(value), aim, enforced: ["ratio", "MB", "count"].includes(unit) };
}

/** One whose aim is never enforced, or that has none. */
export function reported(
  name: string,
  definition: string,
  unit: Figure["unit"],
  value: number,
  aim: number | null = null,
): Figure {
  return { name, definition, unit, value: round(value), aim, enforced: false };
}

export function percentile(values: readonly number[], fraction: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(fraction * sorted.length) - 1)] ?? Number.NaN;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

/** How fast this machine is just now: milliseconds for a fixed piece of arithmetic, the best of five. */
export function calibrate(): number {
  const times = Array.from({ length: 5 }, () => {
    const begin = performance.now();
    let sum = 0;
    for (let i = 0; i < 20_000_000; i++) sum = (sum + Math.imul(i, 2654435761)) | 0;
    return performance.now() - begin + (sum === 0.5 ? 1 : 0);
  });
  return round(Math.min(...times));
}
