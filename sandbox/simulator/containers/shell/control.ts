/** `break` and `continue` on their way to their loop. */
export class LoopJump extends Error {
  override readonly name = "LoopJump";
  constructor(
    readonly kind: "break" | "continue",
    readonly levels: number,
  ) {
    super(kind);
  }
}

/** `return` on its way out of a function or a sourced file. */
export class FunctionReturn extends Error {
  override readonly name = "FunctionReturn";
  constructor(readonly status: number) {
    super(`return ${status}`);
  }
}

/** An error that ends a shell that is not interactive, and the current line of one that is. Already reported. */
export class ShellError extends Error {
  override readonly name = "ShellError";
  constructor(readonly status: number) {
    super(`shell error ${status}`);
  }
}

/** Ctrl-C in an interactive shell: back to the prompt. */
export class PromptReturn extends Error {
  override readonly name = "PromptReturn";
}
