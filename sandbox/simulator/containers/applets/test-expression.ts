import { FileError } from "../filesystem/file-error";
import type { Node } from "../filesystem/nodes";
import type { Process } from "../processes/process";

/** 0 true, 1 false, 2 with a complaint. */
export interface TestResult {
  readonly status: number;
  readonly error?: {
    readonly kind: "bad number" | "unexpected" | "argument expected" | "closing paren expected";
    readonly word: string;
  };
}

class TestError extends Error {
  constructor(readonly reason: NonNullable<TestResult["error"]>) {
    super(reason.kind);
  }
}

/** `test`: https://pubs.opengroup.org/onlinepubs/9799919799/utilities/test.html */
export function evaluateTest(process: Process, words: readonly string[]): TestResult {
  try {
    return { status: new Evaluation(process, words).whole() ? 0 : 1 };
  } catch (error) {
    if (!(error instanceof TestError)) throw error;
    return { status: 2, error: error.reason };
  }
}

class Evaluation {
  readonly #process: Process;
  readonly #words: readonly string[];
  #at = 0;

  constructor(process: Process, words: readonly string[]) {
    this.#process = process;
    this.#words = words;
  }

  whole(): boolean {
    const [first, second, third, fourth] = this.#words;
    // POSIX fixes the meaning by the number of words.
    switch (this.#words.length) {
      case 0:
        return false;
      case 1:
        return first !== "";
      case 2:
        return first === "!" ? second === "" : this.#complete(() => this.#or());
      case 3:
        if (second !== undefined && isBinary(second)) return this.#binary(first ?? "", second, third ?? "");
        if (first === "!") return !new Evaluation(this.#process, this.#words.slice(1)).whole();
        if (first === "(" && third === ")") return second !== "";
        break;
      case 4:
        if (first === "!") return !new Evaluation(this.#process, this.#words.slice(1)).whole();
        if (first === "(" && fourth === ")") return new Evaluation(this.#process, this.#words.slice(1, 3)).whole();
        break;
    }
    return this.#complete(() => this.#or());
  }

  #complete(work: () => boolean): boolean {
    const result = work();
    const rest = this.#words[this.#at];
    if (rest !== undefined) throw new TestError({ kind: "unexpected", word: rest });
    return result;
  }

  #or(): boolean {
    let result = this.#and();
    while (this.#words[this.#at] === "-o") {
      this.#at++;
      const right = this.#and();
      result = result || right;
    }
    return result;
  }

  #and(): boolean {
    let result = this.#primary();
    while (this.#words[this.#at] === "-a") {
      this.#at++;
      const right = this.#primary();
      result = result && right;
    }
    return result;
  }

  #primary(): boolean {
    const word = this.#words[this.#at];
    if (word === undefined) throw new TestError({ kind: "argument expected", word: this.#words.at(-1) ?? "" });
    const next = this.#words[this.#at + 1];
    if (next !== undefined && isBinary(next) && this.#words[this.#at + 2] !== undefined) {
      this.#at += 3;
      return this.#binary(word, next, this.#words[this.#at - 1] ?? "");
    }
    this.#at++;
    if (word === "!") return !this.#primary();
    if (word === "(") {
      const inner = this.#or();
      if (this.#words[this.#at++] !== ")") throw new TestError({ kind: "closing paren expected", word: "" });
      return inner;
    }
    if (/^-[a-zA-Z]$/.test(word) && next !== undefined && UNARY.has(word)) {
      this.#at++;
      return this.#unary(word, next);
    }
    if (/^-[a-zA-Z]$/.test(word) && UNARY.has(word) && this.#words.length > 1)
      throw new TestError({ kind: "argument expected", word });
    return word !== "";
  }

  #binary(left: string, operator: string, right: string): boolean {
    switch (operator) {
      case "=":
      case "==":
        return left === right;
      case "!=":
        return left !== right;
      case "<":
        return left < right;
      case ">":
        return left > right;
      case "-a":
        return left !== "" && right !== "";
      case "-o":
        return left !== "" || right !== "";
      case "-eq":
        return number(left) === number(right);
      case "-ne":
        return number(left) !== number(right);
      case "-lt":
        return number(left) < number(right);
      case "-le":
        return number(left) <= number(right);
      case "-gt":
        return number(left) > number(right);
      case "-ge":
        return number(left) >= number(right);
      case "-nt":
        return (this.#node(left)?.mtime ?? -1) > (this.#node(right)?.mtime ?? -1);
      case "-ot":
        return (this.#node(left)?.mtime ?? -1) < (this.#node(right)?.mtime ?? -1);
      default:
        return this.#node(left) !== undefined && this.#node(left) === this.#node(right);
    }
  }

  #unary(operator: string, operand: string): boolean {
    const { fileSystem } = this.#process.machine;
    switch (operator) {
      case "-n":
        return operand !== "";
      case "-z":
        return operand === "";
      case "-t":
        return this.#process.descriptor(Number(number(operand)))?.terminal !== undefined;
      case "-h":
      case "-L":
        return this.#node(operand, false)?.kind === "symlink";
    }
    const node = this.#node(operand);
    if (!node) return false;
    switch (operator) {
      case "-f":
        return node.kind === "file";
      case "-d":
        return node.kind === "directory";
      case "-c":
        return node.kind === "device";
      case "-s":
        return node.kind === "directory" || (node.kind === "file" && node.content().byteLength > 0);
      case "-r":
        return fileSystem.mayRead(this.#process, node);
      case "-w":
        return fileSystem.mayWrite(this.#process, node);
      case "-x":
        return node.kind === "directory" || fileSystem.mayExecute(this.#process, node);
      case "-O":
        return node.uid === this.#process.uid;
      case "-G":
        return node.gid === this.#process.gid;
      case "-u":
        return (node.mode & 0o4000) !== 0;
      case "-g":
        return (node.mode & 0o2000) !== 0;
      case "-k":
        return (node.mode & 0o1000) !== 0;
      default:
        return operator === "-e";
    }
  }

  #node(path: string, follow = true): Node | undefined {
    try {
      return this.#process.machine.fileSystem.find(this.#process, path, follow);
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      return undefined;
    }
  }
}

const UNARY = new Set([
  "-n",
  "-z",
  "-t",
  "-h",
  "-L",
  "-f",
  "-d",
  "-c",
  "-b",
  "-p",
  "-S",
  "-s",
  "-e",
  "-r",
  "-w",
  "-x",
  "-O",
  "-G",
  "-u",
  "-g",
  "-k",
]);
const BINARY = new Set([
  "=",
  "==",
  "!=",
  "<",
  ">",
  "-eq",
  "-ne",
  "-lt",
  "-le",
  "-gt",
  "-ge",
  "-nt",
  "-ot",
  "-ef",
  "-a",
  "-o",
]);

function isBinary(word: string): boolean {
  return BINARY.has(word);
}

function number(text: string): bigint {
  if (!/^\s*[-+]?\d+\s*$/.test(text)) throw new TestError({ kind: "bad number", word: text });
  return BigInt(text.trim().replace(/^\+/, ""));
}
