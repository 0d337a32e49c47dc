import type { Process } from "../processes/process";
import { type Call, complain, usage } from "./applet";

export async function needOperands(
  process: Process,
  call: Call,
  operands: readonly string[],
  count: number,
  text: string,
): Promise<void> {
  if (operands.length >= count) return;
  if (call.flavour === "gnu")
    await complain(
      process,
      call,
      operands.length === 0
        ? count > 1 || /^(cp|mv|ln|touch)$/.test(call.name)
          ? "missing file operand"
          : "missing operand"
        : `missing destination file operand after '${operands[0] ?? ""}'`,
    );
  await usage(process, call, text);
}
