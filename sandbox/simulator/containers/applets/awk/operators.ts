import { roomFor } from "../applet";
import { compare, toNumber, toText, type Value } from "./values";
import { AwkRuntimeError } from "./variables";

/** What an operator makes of two values; `convert` is how numbers become text now. */
export function binary(operator: string, left: Value, right: Value, convert: (value: number) => string): Value {
  switch (operator) {
    case "concat":
      return roomFor(toText(left, convert) + toText(right, convert));
    case "+":
      return toNumber(left) + toNumber(right);
    case "-":
      return toNumber(left) - toNumber(right);
    case "*":
      return toNumber(left) * toNumber(right);
    case "^":
      return toNumber(left) ** toNumber(right);
    case "/":
    case "%":
      if (toNumber(right) === 0) throw new AwkRuntimeError("Division by zero");
      return operator === "/" ? toNumber(left) / toNumber(right) : toNumber(left) % toNumber(right);
  }
  const order = compare(left, right, convert);
  const holds = {
    "<": order < 0,
    "<=": order <= 0,
    ">": order > 0,
    ">=": order >= 0,
    "==": order === 0,
    "!=": order !== 0,
  }[operator];
  return holds ? 1 : 0;
}
