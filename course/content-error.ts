/** What an author has to mend: the file, where in it, and what is wrong. */
export class ContentError extends Error {
  override readonly name = "ContentError";

  constructor(
    readonly file: string,
    readonly problems: readonly string[],
    options?: ErrorOptions,
  ) {
    super(`${file}: ${problems.join("; ")}`, options);
  }
}
