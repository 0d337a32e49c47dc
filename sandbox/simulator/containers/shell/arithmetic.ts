/** The variables an expression may read and set. */
export interface ArithmeticScope {
  get(name: string): string;
  set(name: string, value: string): void;
}

/** `message` is one of the reasons `expand` turns into a shell's own words. */
export class ArithmeticError extends Error {
  override readonly name = "ArithmeticError";
  constructor(readonly reason: "syntax" | "division by zero") {
    super(reason);
  }
}

/** Works out a POSIX arithmetic expression in 64 bits, as C would. */
export function evaluateArithmetic(text: string, scope: ArithmeticScope, depth = 0): bigint {
  return new Evaluation(text, scope, depth).whole();
}

const TOKENS =
  /\s*(0[xX][0-9a-fA-F]+|\d+#?[0-9a-zA-Z]*|[A-Za-z_]\w*|<<=|>>=|\*\*|&&|\|\||<=|>=|==|!=|<<|>>|\+\+|--|[-+*/%&|^]=|[-+*/%&|^~!<>=?:(),])/y;

/** Binary operators by how tightly they bind. */
const PRECEDENCE: Readonly<Record<string, number>> = {
  "||": 1,
  "&&": 2,
  "|": 3,
  "^": 4,
  "&": 5,
  "==": 6,
  "!=": 6,
  "<": 7,
  ">": 7,
  "<=": 7,
  ">=": 7,
  "<<": 8,
  ">>": 8,
  "+": 9,
  "-": 9,
  "*": 10,
  "/": 10,
  "%": 10,
  "**": 11,
};
const ASSIGNMENTS = new Set(["=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>="]);

class Evaluation {
  readonly #tokens: string[] = [];
  readonly #scope: ArithmeticScope;
  readonly #depth: number;
  #at = 0;
  /** False in the branch of `&&`, `||`, `?:` that is not taken: nothing is set there. */
  #live = true;

  constructor(text: string, scope: ArithmeticScope, depth: number) {
    this.#scope = scope;
    this.#depth = depth;
    TOKENS.lastIndex = 0;
    for (let end = 0; end < text.length; end = TOKENS.lastIndex) {
      TOKENS.lastIndex = end;
      const match = TOKENS.exec(text);
      if (!match) {
        if (text.slice(end).trim() === "") break;
        throw new ArithmeticError("syntax");
      }
      this.#tokens.push(match[1] ?? "");
    }
  }

  whole(): bigint {
    if (this.#tokens.length === 0) return 0n;
    const value = this.#comma();
    if (this.#at < this.#tokens.length) throw new ArithmeticError("syntax");
    return value;
  }

  #comma(): bigint {
    let value = this.#assignment();
    while (this.#accept(",")) value = this.#assignment();
    return value;
  }

  #assignment(): bigint {
    const name = this.#peek();
    const operator = this.#tokens[this.#at + 1];
    if (name !== undefined && isName(name) && operator !== undefined && ASSIGNMENTS.has(operator)) {
      this.#at += 2;
      const right = this.#assignment();
      return this.#store(name, operator === "=" ? right : this.#apply(operator.slice(0, -1), this.#load(name), right));
    }
    return this.#conditional();
  }

  #conditional(): bigint {
    const test = this.#binary(1);
    if (!this.#accept("?")) return test;
    const yes = this.#branch(test !== 0n, () => this.#comma());
    if (!this.#accept(":")) throw new ArithmeticError("syntax");
    const no = this.#branch(test === 0n, () => this.#assignment());
    return test === 0n ? no : yes;
  }

  #binary(level: number): bigint {
    let left = this.#unary();
    for (;;) {
      const operator = this.#peek();
      const precedence = operator === undefined ? undefined : PRECEDENCE[operator];
      if (operator === undefined || precedence === undefined || precedence < level) return left;
      this.#at++;
      if (operator === "&&")
        left = this.#branch(left !== 0n, () => this.#binary(precedence + 1)) !== 0n && left !== 0n ? 1n : 0n;
      else if (operator === "||") {
        const right = this.#branch(left === 0n, () => this.#binary(precedence + 1));
        left = left !== 0n || right !== 0n ? 1n : 0n;
      } else left = this.#apply(operator, left, this.#binary(operator === "**" ? precedence : precedence + 1));
    }
  }

  #unary(): bigint {
    const token = this.#tokens[this.#at++];
    switch (token) {
      case "-":
        return wrap(-this.#unary());
      case "+":
        return this.#unary();
      case "!":
        return this.#unary() === 0n ? 1n : 0n;
      case "~":
        return wrap(~this.#unary());
      case "++":
      case "--": {
        const name = this.#tokens[this.#at++];
        if (name === undefined || !isName(name)) throw new ArithmeticError("syntax");
        return this.#store(name, this.#load(name) + (token === "++" ? 1n : -1n));
      }
      case "(": {
        const value = this.#comma();
        if (!this.#accept(")")) throw new ArithmeticError("syntax");
        return value;
      }
      case undefined:
        throw new ArithmeticError("syntax");
    }
    if (!isName(token)) return parseNumber(token);
    const value = this.#load(token);
    if (this.#accept("++")) this.#store(token, value + 1n);
    else if (this.#accept("--")) this.#store(token, value - 1n);
    return value;
  }

  #apply(operator: string, left: bigint, right: bigint): bigint {
    switch (operator) {
      case "+":
        return wrap(left + right);
      case "-":
        return wrap(left - right);
      case "*":
        return wrap(left * right);
      case "/":
      case "%":
        if (right === 0n) {
          if (!this.#live) return 0n;
          throw new ArithmeticError("division by zero");
        }
        return operator === "/" ? wrap(left / right) : left % right;
      case "**":
        return wrap(left ** (right < 0n ? 0n : right > 64n ? 64n : right));
      case "<<":
        return wrap(left << (right & 63n));
      case ">>":
        return left >> (right & 63n);
      case "&":
        return left & right;
      case "|":
        return left | right;
      case "^":
        return left ^ right;
      case "<":
        return left < right ? 1n : 0n;
      case ">":
        return left > right ? 1n : 0n;
      case "<=":
        return left <= right ? 1n : 0n;
      case ">=":
        return left >= right ? 1n : 0n;
      case "==":
        return left === right ? 1n : 0n;
      case "!=":
        return left !== right ? 1n : 0n;
    }
    throw new ArithmeticError("syntax");
  }

  #branch(taken: boolean, work: () => bigint): bigint {
    const before = this.#live;
    this.#live = before && taken;
    try {
      return work();
    } finally {
      this.#live = before;
    }
  }

  /** A variable holds an expression of its own. */
  #load(name: string): bigint {
    const text = this.#scope.get(name).trim();
    if (text === "") return 0n;
    if (this.#depth > 20) throw new ArithmeticError("syntax");
    return evaluateArithmetic(text, this.#scope, this.#depth + 1);
  }

  #store(name: string, value: bigint): bigint {
    const wrapped = wrap(value);
    if (this.#live) this.#scope.set(name, wrapped.toString());
    return wrapped;
  }

  #peek(): string | undefined {
    return this.#tokens[this.#at];
  }

  #accept(token: string): boolean {
    if (this.#tokens[this.#at] !== token) return false;
    this.#at++;
    return true;
  }
}

function wrap(value: bigint): bigint {
  return BigInt.asIntN(64, value);
}

function isName(token: string): boolean {
  return /^[A-Za-z_]/.test(token);
}

function parseNumber(token: string): bigint {
  if (/^0[0-7]*$/.test(token)) return token === "0" ? 0n : BigInt(`0o${token.slice(1)}`);
  if (/^0[xX][0-9a-fA-F]+$/.test(token) || /^[1-9]\d*$/.test(token)) return wrap(BigInt(token));
  throw new ArithmeticError("syntax");
}
