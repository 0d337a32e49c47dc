import { EvaluationError, type Environment } from "@marcbachmann/cel-js";
import { formatQuantity, parseQuantity, QUANTITY_RULE, type Quantity } from "../api/quantity";

const NANO = 1_000_000_000n;

/** Amounts of resources as values. https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-quantity-library */
export function registerQuantities(environment: Environment): void {
  const type = "kubernetes.Quantity";
  environment
    .registerType(type, Amount)
    .registerFunction(`quantity(string): ${type}`, amountOf)
    .registerFunction("isQuantity(string): bool", (text: string) => parseQuantity(text) !== undefined)
    .registerFunction(`${type}.isInteger(): bool`, ({ value }: Amount) => value.nano % NANO === 0n)
    .registerFunction(`${type}.asInteger(): int`, ({ value }: Amount) => {
      if (value.nano % NANO !== 0n) throw new EvaluationError("cannot convert value to integer");
      return value.nano / NANO;
    })
    .registerFunction(`${type}.asApproximateFloat(): double`, ({ value }: Amount) => Number(value.nano) / 1e9)
    .registerFunction(`${type}.sign(): int`, ({ value }: Amount) => signOf(value.nano))
    .registerFunction(`${type}.add(${type}): ${type}`, (a: Amount, b: Amount) => sum(a, b.value.nano))
    .registerFunction(`${type}.add(int): ${type}`, (a: Amount, b: bigint) => sum(a, b * NANO))
    .registerFunction(`${type}.sub(${type}): ${type}`, (a: Amount, b: Amount) => sum(a, -b.value.nano))
    .registerFunction(`${type}.sub(int): ${type}`, (a: Amount, b: bigint) => sum(a, -b * NANO))
    .registerFunction(`${type}.isLessThan(${type}): bool`, (a: Amount, b: Amount) => a.value.nano < b.value.nano)
    .registerFunction(`${type}.isGreaterThan(${type}): bool`, (a: Amount, b: Amount) => a.value.nano > b.value.nano)
    .registerFunction(`${type}.compareTo(${type}): int`, (a: Amount, b: Amount) => signOf(a.value.nano - b.value.nano))
    .registerFunction(`string(${type}): string`, ({ value }: Amount) => formatQuantity(value))
    .registerOperator(`${type} == ${type}`, (a: Amount, b: Amount) => a.value.nano === b.value.nano);
}

class Amount {
  constructor(readonly value: Quantity) {}
}

function amountOf(text: string): Amount {
  const value = parseQuantity(text);
  if (!value) throw new EvaluationError(QUANTITY_RULE);
  return new Amount(value);
}

function sum({ value }: Amount, nano: bigint): Amount {
  return new Amount({ ...value, nano: value.nano + nano });
}

function signOf(value: bigint): bigint {
  return value < 0n ? -1n : value > 0n ? 1n : 0n;
}
