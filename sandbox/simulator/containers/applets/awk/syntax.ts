/** The tree of an awk program. Grammar: https://pubs.opengroup.org/onlinepubs/9799919799/utilities/awk.html */
export interface AwkProgram {
  readonly begin: readonly Statement[];
  readonly rules: readonly AwkRule[];
  readonly end: readonly Statement[];
  /** Input is read even without rules when there is an END. */
  readonly hasEnd: boolean;
  readonly functions: ReadonlyMap<string, AwkFunction>;
}

export interface AwkRule {
  readonly pattern?: Expression;
  /** With `pattern`, a range: from a record that matches it to one that matches this. */
  readonly until?: Expression;
  /** Absent: the record is printed. */
  readonly body?: Statement;
}

export interface AwkFunction {
  readonly parameters: readonly string[];
  readonly body: Statement;
}

export type Redirection =
  | { readonly kind: "file" | "append"; readonly target: Expression }
  | { readonly kind: "command"; readonly target: Expression };

export type Statement =
  | { readonly kind: "block"; readonly body: readonly Statement[] }
  | { readonly kind: "expression"; readonly value: Expression }
  | { readonly kind: "print"; readonly values: readonly Expression[]; readonly to?: Redirection }
  | { readonly kind: "printf"; readonly values: readonly Expression[]; readonly to?: Redirection }
  | { readonly kind: "if"; readonly test: Expression; readonly then: Statement; readonly otherwise?: Statement }
  | { readonly kind: "while"; readonly test: Expression; readonly body: Statement }
  | { readonly kind: "do"; readonly test: Expression; readonly body: Statement }
  | {
      readonly kind: "for";
      readonly start?: Statement;
      readonly test?: Expression;
      readonly step?: Statement;
      readonly body: Statement;
    }
  | { readonly kind: "forIn"; readonly variable: string; readonly array: string; readonly body: Statement }
  | { readonly kind: "delete"; readonly array: string; readonly index?: readonly Expression[] }
  | { readonly kind: "return" | "exit"; readonly value?: Expression }
  | { readonly kind: "next" | "nextfile" | "break" | "continue" };

/** What can be assigned to. */
export type Place =
  | { readonly kind: "variable"; readonly name: string }
  | { readonly kind: "element"; readonly array: string; readonly index: readonly Expression[] }
  | { readonly kind: "field"; readonly index: Expression };

export type Expression =
  | Place
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "regex"; readonly source: string }
  | { readonly kind: "group"; readonly values: readonly Expression[] }
  | { readonly kind: "not" | "minus" | "plus"; readonly operand: Expression }
  | {
      readonly kind: "binary";
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly kind: "match"; readonly negated: boolean; readonly left: Expression; readonly right: Expression }
  | { readonly kind: "in"; readonly index: readonly Expression[]; readonly array: string }
  | { readonly kind: "and" | "or"; readonly left: Expression; readonly right: Expression }
  | { readonly kind: "choice"; readonly test: Expression; readonly then: Expression; readonly otherwise: Expression }
  | { readonly kind: "assign"; readonly place: Place; readonly operator?: BinaryOperator; readonly value: Expression }
  | { readonly kind: "step"; readonly place: Place; readonly by: 1 | -1; readonly before: boolean }
  | { readonly kind: "call"; readonly name: string; readonly args: readonly Expression[]; readonly builtin: boolean }
  | {
      readonly kind: "getline";
      readonly from: "input" | "file" | "command";
      readonly source?: Expression;
      readonly into?: Place;
    };

export type BinaryOperator = "+" | "-" | "*" | "/" | "%" | "^" | "concat" | "<" | "<=" | ">" | ">=" | "==" | "!=";
