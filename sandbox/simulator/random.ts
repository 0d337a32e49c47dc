/** Randomness, injected: a cluster with the same seed makes the same names, addresses and choices. */
export interface Random {
  /** A float in [0, 1). */
  next(): number;
  /** An integer in [0, bound). */
  below(bound: number): number;
  /** Letters for generated names, from the alphabet Kubernetes uses (no vowels, no look-alikes). */
  suffix(length: number): string;
  /** Hexadecimal digits. */
  hex(length: number): string;
  /** A version 4 UUID. */
  uuid(): string;
}

// https://github.com/kubernetes/apimachinery/blob/master/pkg/util/rand/rand.go (the alphabet is an interface fact)
const ALPHABET = "bcdfghjklmnpqrstvwxz2456789";

const HEX_DIGITS = "0123456789abcdef";

/** A seeded generator (mulberry32): fast, good enough for names and spreading, not for secrets. */
export class SeededRandom implements Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  }

  below(bound: number): number {
    return Math.floor(this.next() * bound);
  }

  suffix(length: number): string {
    let text = "";
    for (let i = 0; i < length; i++) text += ALPHABET.charAt(this.below(ALPHABET.length));
    return text;
  }

  hex(length: number): string {
    let text = "";
    for (let i = 0; i < length; i++) text += HEX_DIGITS.charAt(this.below(16));
    return text;
  }

  uuid(): string {
    const text = this.hex(32);
    const variant = "89ab".charAt(this.below(4));
    return `${text.slice(0, 8)}-${text.slice(8, 12)}-4${text.slice(13, 16)}-${variant}${text.slice(17, 20)}-${text.slice(20)}`;
  }
}
