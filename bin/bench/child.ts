import { spawn, type ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";

/**
 * Another process of this bundle: evaluates `expression`, in which `bench` is what the bundle exports, and resolves with
 * the value, which must be JSON. The process stays while it has something to do; its user ends it.
 */
export async function evaluateInChild(expression: string): Promise<{ value: unknown; child: ChildProcess }> {
  const script = `const bench = await import(${JSON.stringify(import.meta.url)}); console.log(JSON.stringify(await ${expression}));`;
  const child = spawn(process.execPath, ["--expose-gc", "--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const line = await new Promise<string>((resolve, reject) => {
    let text = "";
    child.stdout.on("data", (chunk: Buffer) => {
      text += chunk.toString("utf8");
      if (text.endsWith("\n")) resolve(text);
    });
    child.once("exit", (code) => reject(new Error(`${expression} ended with ${String(code)} and no answer`)));
  });
  return { value: JSON.parse(line) as unknown, child };
}

/** Milliseconds of processor time that a process has used, in steps of ten. */
export function processorMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
