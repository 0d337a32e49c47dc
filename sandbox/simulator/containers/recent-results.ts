/** Results of a pure function for the texts it was last asked about; few and short ones, so that nobody can fill it. */
export class RecentResults<Result> {
  readonly #results = new Map<string, Result>();

  readonly #limits: { readonly count: number; readonly letters: number };

  constructor(limits = { count: 100, letters: 8_000 }) {
    this.#limits = limits;
  }

  /** `text` must say all that the result depends on. A failure is not kept. */
  of(text: string, make: () => Result): Result {
    const known = this.#results.get(text);
    if (known !== undefined) {
      // What is used stays.
      this.#results.delete(text);
      this.#results.set(text, known);
      return known;
    }
    const result = make();
    if (text.length > this.#limits.letters) return result;
    this.#results.set(text, result);
    if (this.#results.size > this.#limits.count)
      for (const oldest of this.#results.keys()) {
        this.#results.delete(oldest);
        break;
      }
    return result;
  }
}
