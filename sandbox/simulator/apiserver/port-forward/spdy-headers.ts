import { Unzlib } from "fflate";
import { spdyDictionary } from "./spdy-dictionary";
import { SpdyError } from "./spdy-frames";

export type SpdyHeaders = ReadonlyMap<string, string>;

const MAX_BLOCK_BYTES = 64 * 1024;
// Fed in small pieces, a block that blows up is noticed before it is large.
const PIECE_BYTES = 256;

/** Reads the header blocks of one direction of a connection: all of them are one zlib stream. */
export class HeaderReader {
  readonly #inflate: Unzlib;
  #block: number[] = [];

  constructor() {
    this.#inflate = new Unzlib({ dictionary: spdyDictionary() }, (bytes) => {
      if (this.#block.length + bytes.byteLength > MAX_BLOCK_BYTES) throw new SpdyError("the header block is too large");
      this.#block.push(...bytes);
    });
  }

  /** Names in lower case. Throws `SpdyError` for what is no header block. */
  read(compressed: Uint8Array): SpdyHeaders {
    this.#block = [];
    try {
      for (let start = 0; start < compressed.byteLength; start += PIECE_BYTES)
        this.#inflate.push(compressed.slice(start, start + PIECE_BYTES));
    } catch (error) {
      throw error instanceof SpdyError ? error : new SpdyError("the header block cannot be inflated", { cause: error });
    }
    return parseBlock(Uint8Array.from(this.#block));
  }
}

/** A count, then names and values, each with its length before it. */
function parseBlock(block: Uint8Array): SpdyHeaders {
  const view = new DataView(block.buffer);
  const decoder = new TextDecoder();
  let offset = 0;
  const number = (): number => {
    if (offset + 4 > block.byteLength) throw new SpdyError("the header block is cut short");
    offset += 4;
    return view.getUint32(offset - 4);
  };
  const text = (): string => {
    const length = number();
    if (offset + length > block.byteLength) throw new SpdyError("the header block is cut short");
    offset += length;
    return decoder.decode(block.subarray(offset - length, offset));
  };
  const headers = new Map<string, string>();
  for (let left = number(); left > 0; left--) {
    const name = text().toLowerCase();
    headers.set(name, text());
  }
  return headers;
}

/**
 * Writes the header blocks of one direction. They are stored, not compressed: a zlib stream either way, and ours say
 * next to nothing.
 */
export class HeaderWriter {
  #isFirst = true;

  /** The block of no headers at all. */
  empty(): Uint8Array {
    const block = [0, 0, 0, 0];
    const stored = [0, block.length, 0, ~block.length & 0xff, 0xff, ...block];
    // An empty block after it is what readers take for "all of it is here".
    const flush = [0, 0, 0, 0xff, 0xff];
    const head = this.#isFirst ? ZLIB_HEAD : [];
    this.#isFirst = false;
    return Uint8Array.from([...head, ...stored, ...flush]);
  }
}

/** Deflate with a window of 32 KiB and a preset dictionary, then the dictionary's Adler-32. */
const ZLIB_HEAD = [0x78, 0xf9, 0xe3, 0xc6, 0xa7, 0xc2];
