const MOST = 512;

/**
 * Keys in order, in blocks of limited length: putting one in or taking one out moves a block's worth, however many
 * there are.
 */
export class OrderedKeys {
  readonly #blocks: string[][] = [];

  add(key: string): void {
    const at = this.#blockOf(key);
    const block = this.#blocks[at];
    if (!block) {
      this.#blocks.push([key]);
      return;
    }
    const position = firstNotBefore(block, key);
    if (block[position] === key) return;
    block.splice(position, 0, key);
    if (block.length > MOST) this.#blocks.splice(at + 1, 0, block.splice(MOST / 2));
  }

  delete(key: string): void {
    const at = this.#blockOf(key);
    const block = this.#blocks[at];
    const position = block ? firstNotBefore(block, key) : 0;
    if (block?.[position] !== key) return;
    block.splice(position, 1);
    if (block.length === 0) this.#blocks.splice(at, 1);
  }

  /** Keys from `start` on, `start` among them. */
  *from(start: string): Generator<string> {
    const first = this.#blockOf(start);
    for (let at = first; at < this.#blocks.length; at++) {
      const block = this.#blocks[at] ?? [];
      for (let i = at === first ? firstNotBefore(block, start) : 0; i < block.length; i++) yield block[i] ?? "";
    }
  }

  /** The last block that begins at or before `key`; the first one when none does. */
  #blockOf(key: string): number {
    let low = 0;
    let high = this.#blocks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#blocks[middle]?.[0] ?? "") <= key) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, low - 1);
  }
}

function firstNotBefore(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((keys[middle] ?? "") < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
