import type { Digest } from "./digest";

const MASK = (1n << 64n) - 1n;

/** SHA-512 (FIPS 180-4). */
export function sha512(): Digest {
  const state = START.slice();
  const words: bigint[] = [];
  const add = (block: DataView): void => {
    for (let i = 0; i < 16; i++) words[i] = block.getBigUint64(i * 8);
    for (let i = 16; i < 80; i++) {
      const a = words[i - 15] ?? 0n;
      const b = words[i - 2] ?? 0n;
      const s0 = rotate(a, 1n) ^ rotate(a, 8n) ^ (a >> 7n);
      const s1 = rotate(b, 19n) ^ rotate(b, 61n) ^ (b >> 6n);
      words[i] = ((words[i - 16] ?? 0n) + s0 + (words[i - 7] ?? 0n) + s1) & MASK;
    }
    let [a = 0n, b = 0n, c = 0n, d = 0n, e = 0n, f = 0n, g = 0n, h = 0n] = state;
    for (let i = 0; i < 80; i++) {
      const s1 = rotate(e, 14n) ^ rotate(e, 18n) ^ rotate(e, 41n);
      const t1 = h + s1 + ((e & f) ^ (~e & MASK & g)) + (CONSTANTS[i] ?? 0n) + (words[i] ?? 0n);
      const t2 = (rotate(a, 28n) ^ rotate(a, 34n) ^ rotate(a, 39n)) + ((a & b) ^ (a & c) ^ (b & c));
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + t1) & MASK, c, b, a, (t1 + t2) & MASK];
    }
    for (const [i, value] of [a, b, c, d, e, f, g, h].entries()) state[i] = ((state[i] ?? 0n) + value) & MASK;
  };
  return {
    add,
    blockBytes: 128,
    hex: () => state.map((word) => word.toString(16).padStart(16, "0")).join(""),
    littleEndian: false,
  };
}

function rotate(value: bigint, by: bigint): bigint {
  return ((value >> by) | (value << (64n - by))) & MASK;
}

/** The fractional parts of the square roots of the first 8 primes, and of the cube roots of the first 80. */
const START = firstPrimes(8).map((prime) => root(BigInt(prime) << 128n, 2n) & MASK);
const CONSTANTS = firstPrimes(80).map((prime) => root(BigInt(prime) << 192n, 3n) & MASK);

function firstPrimes(count: number): number[] {
  const primes: number[] = [];
  for (let n = 2; primes.length < count; n++) if (primes.every((prime) => n % prime !== 0)) primes.push(n);
  return primes;
}

/** The largest whole number whose power is not above `value`. */
function root(value: bigint, power: bigint): bigint {
  let [low, high] = [0n, 1n << 80n];
  while (high - low > 1n) {
    const middle = (low + high) >> 1n;
    if (middle ** power <= value) low = middle;
    else high = middle;
  }
  return low;
}
