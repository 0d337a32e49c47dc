/** A hash at work: blocks go in one after the other. */
export interface Digest {
  /** 64 bytes, or what `blockBytes` says. */
  add(block: DataView): void;
  readonly blockBytes?: number;
  hex(): string;
  /** Whether numbers have their lowest byte first. */
  readonly littleEndian: boolean;
}

/** Cuts a message into blocks, and pads it at its end. The platform's own hashes answer only later. */
export class Hash {
  readonly #digest: Digest;
  readonly #block: Uint8Array<ArrayBuffer>;
  #used = 0;
  #length = 0;

  constructor(digest: Digest) {
    this.#digest = digest;
    this.#block = new Uint8Array(digest.blockBytes ?? 64);
  }

  add(bytes: Uint8Array): this {
    this.#length += bytes.byteLength;
    for (const byte of bytes) this.#put(byte);
    return this;
  }

  hex(): string {
    this.#put(0x80);
    // The length has an eighth of a block, which a number of 8 bytes may not fill.
    const lengthBytes = this.#block.byteLength / 8;
    while (this.#used !== this.#block.byteLength - lengthBytes) this.#put(0);
    for (let at = 8; at < lengthBytes; at++) this.#put(0);
    const length = new DataView(new ArrayBuffer(8));
    length.setBigUint64(0, BigInt(this.#length) * 8n, this.#digest.littleEndian);
    for (let at = 0; at < 8; at++) this.#put(length.getUint8(at));
    return this.#digest.hex();
  }

  #put(byte: number): void {
    this.#block[this.#used++] = byte;
    if (this.#used < this.#block.byteLength) return;
    this.#digest.add(new DataView(this.#block.buffer));
    this.#used = 0;
  }
}

export function sha256Hex(message: Uint8Array): string {
  return new Hash(sha256()).add(message).hex();
}

/** SHA-256 (FIPS 180-4). */
export function sha256(): Digest {
  const state = Uint32Array.from([
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
  ]);
  const words = new Uint32Array(64);
  const add = (block: DataView): void => {
    for (let i = 0; i < 16; i++) words[i] = block.getUint32(i * 4);
    for (let i = 16; i < 64; i++) {
      const a = words[i - 15] ?? 0;
      const b = words[i - 2] ?? 0;
      const s0 = rotate(a, 7) ^ rotate(a, 18) ^ (a >>> 3);
      const s1 = rotate(b, 17) ^ rotate(b, 19) ^ (b >>> 10);
      words[i] = (words[i - 16] ?? 0) + s0 + (words[i - 7] ?? 0) + s1;
    }
    let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state;
    for (let i = 0; i < 64; i++) {
      const t1 =
        (h +
          (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) +
          ((e & f) ^ (~e & g)) +
          (SHA256_CONSTANTS[i] ?? 0) +
          (words[i] ?? 0)) |
        0;
      const t2 = ((rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + t1) | 0, c, b, a, (t1 + t2) | 0];
    }
    for (const [i, value] of [a, b, c, d, e, f, g, h].entries()) state[i] = (state[i] ?? 0) + value;
  };
  return {
    add,
    hex: () => [...state].map((word) => word.toString(16).padStart(8, "0")).join(""),
    littleEndian: false,
  };
}

/** SHA-1, for `sha1sum` only. */
export function sha1(): Digest {
  const state = Uint32Array.from([0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0]);
  const words = new Uint32Array(80);
  const add = (block: DataView): void => {
    for (let i = 0; i < 16; i++) words[i] = block.getUint32(i * 4);
    for (let i = 16; i < 80; i++)
      words[i] = rotateLeft((words[i - 3] ?? 0) ^ (words[i - 8] ?? 0) ^ (words[i - 14] ?? 0) ^ (words[i - 16] ?? 0), 1);
    let [a = 0, b = 0, c = 0, d = 0, e = 0] = state;
    for (let i = 0; i < 80; i++) {
      const [mix, constant] =
        i < 20
          ? [(b & c) | (~b & d), 0x5a827999]
          : i < 40
            ? [b ^ c ^ d, 0x6ed9eba1]
            : i < 60
              ? [(b & c) | (b & d) | (c & d), 0x8f1bbcdc]
              : [b ^ c ^ d, 0xca62c1d6];
      [e, d, c, b, a] = [d, c, rotateLeft(b, 30), a, (rotateLeft(a, 5) + mix + e + constant + (words[i] ?? 0)) | 0];
    }
    for (const [i, value] of [a, b, c, d, e].entries()) state[i] = (state[i] ?? 0) + value;
  };
  return {
    add,
    hex: () => [...state].map((word) => word.toString(16).padStart(8, "0")).join(""),
    littleEndian: false,
  };
}

/** MD5 (RFC 1321), for `md5sum` only. */
export function md5(): Digest {
  const state = Uint32Array.from([0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476]);
  const add = (block: DataView): void => {
    let [a = 0, b = 0, c = 0, d = 0] = state;
    for (let i = 0; i < 64; i++) {
      const round = i >> 4;
      const mix =
        round === 0 ? (b & c) | (~b & d) : round === 1 ? (d & b) | (~d & c) : round === 2 ? b ^ c ^ d : c ^ (b | ~d);
      const index = round === 0 ? i : round === 1 ? (5 * i + 1) % 16 : round === 2 ? (3 * i + 5) % 16 : (7 * i) % 16;
      const constant = MD5_CONSTANTS[i] ?? 0;
      const sum = (a + mix + constant + block.getUint32(index * 4, true)) | 0;
      [a, d, c, b] = [d, c, b, (b + rotateLeft(sum, MD5_SHIFTS[round * 4 + (i % 4)] ?? 0)) | 0];
    }
    for (const [i, value] of [a, b, c, d].entries()) state[i] = (state[i] ?? 0) + value;
  };
  const hex = (): string => {
    const bytes = new DataView(new ArrayBuffer(16));
    for (const [i, word] of state.entries()) bytes.setUint32(i * 4, word, true);
    return Array.from({ length: 16 }, (_, i) => bytes.getUint8(i).toString(16).padStart(2, "0")).join("");
  };
  return { add, hex, littleEndian: true };
}

const MD5_CONSTANTS = Array.from({ length: 64 }, (_, i) => Math.floor(Math.abs(Math.sin(i + 1)) * 4294967296));

const MD5_SHIFTS = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21];

/** The fractional parts of the cube roots of the first 64 primes. */
const SHA256_CONSTANTS = firstPrimes(64).map((prime) => fraction(Math.cbrt(prime), prime));

function firstPrimes(count: number): number[] {
  const primes: number[] = [];
  for (let n = 2; primes.length < count; n++) if (primes.every((prime) => n % prime !== 0)) primes.push(n);
  return primes;
}

// A double holds too few digits after the whole part of some roots; integers do not.
function fraction(approximate: number, prime: number): number {
  const target = BigInt(prime) << 96n;
  let root = BigInt(Math.floor(approximate * 2 ** 30)) << 2n;
  while (root * root * root > target) root--;
  while ((root + 1n) ** 3n <= target) root++;
  return Number(root & 0xffffffffn);
}

function rotate(value: number, by: number): number {
  return (value >>> by) | (value << (32 - by));
}

function rotateLeft(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by));
}
