import {
  AddressInUseError,
  type Connection,
  ConnectionResetError,
  ConnectionTimeoutError,
} from "../../network/network";
import { BrokenPipeError } from "../../pipe";
import type { Process } from "../processes/process";
import { type Applet, type Call, complain, readOptions, usage } from "./applet";
import { connectionProblem, lookUp } from "./web";

const USAGE = "[OPTIONS] HOST PORT  - connect\nnc [OPTIONS] -l -p PORT [HOST] [PORT]  - listen";

/** busybox nc: connects or listens, and copies both ways. */
export const nc: Applet = async (process, call) => {
  const options = await readOptions(process, call, { letters: "lvzkunw:p:i:e:", usage: USAGE });
  if (options.flags.has("l")) {
    const port = Number(options.values.get("p") ?? options.operands.at(-1) ?? 0);
    return listen(process, call, port, options.flags.has("k"));
  }
  const [name, portText = call.name === "telnet" ? "23" : undefined] = options.operands;
  if (name === undefined || portText === undefined) return usage(process, call, USAGE);
  const port = Number(portText);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    return (await complain(process, call, `bad port '${portText}'`), 1);
  const address = await lookUp(process, name);
  if (address === undefined) return (await complain(process, call, `bad address '${name}'`), 1);
  const seconds = Number(options.values.get("w") ?? 0);
  let connection: Connection;
  try {
    connection = await process.until(
      process.machine.network.connect({ address, port }, seconds > 0 ? { timeoutMs: seconds * 1000 } : {}),
    );
  } catch (error) {
    if (error instanceof ConnectionTimeoutError && seconds > 0) return (await complain(process, call, "timed out"), 1);
    const problem = connectionProblem(error);
    await complain(
      process,
      call,
      call.name === "telnet"
        ? `can't connect to remote host (${address}): ${problem}`
        : `${options.flags.has("v") ? `${name} (${address}:${port}): ` : `can't connect to remote host (${address}): `}${problem}`,
    );
    return 1;
  }
  if (options.flags.has("v")) await process.complain(`${name} (${address}:${port}) open\n`);
  if (call.name === "telnet") await process.print(`Connected to ${name}\n\n`);
  if (options.flags.has("z")) {
    connection.reset();
    return 0;
  }
  await converse(process, connection);
  return 0;
};

async function listen(process: Process, call: Call, port: number, again: boolean): Promise<number> {
  const waiting: Connection[] = [];
  let wake = (): void => {};
  try {
    const listener = process.machine.network.listen({ port }, (connection) => {
      waiting.push(connection);
      wake();
    });
    process.onEnd(() => listener.close());
    do {
      while (waiting.length === 0) await process.until(new Promise<void>((resolve) => void (wake = resolve)));
      const connection = waiting.shift();
      if (!again) listener.close();
      if (connection) await converse(process, connection);
    } while (again);
    return 0;
  } catch (error) {
    if (!(error instanceof AddressInUseError)) throw error;
    await complain(process, call, "bind: Address already in use");
    return 1;
  }
}

/** Standard input there, the answer to standard output, until the peer closes. */
async function converse(process: Process, connection: Connection): Promise<void> {
  process.onEnd(() => connection.reset());
  const sending = (async () => {
    for (let chunk = await process.read(); chunk; chunk = await process.read()) await connection.writer.write(chunk);
    connection.writer.end();
  })();
  // What cannot be sent any longer shows on the reading side.
  sending.catch(() => undefined);
  try {
    for (;;) {
      const chunk = await process.until(connection.reader.read());
      if (!chunk) break;
      await process.write(1, chunk);
    }
  } catch (error) {
    if (!(error instanceof BrokenPipeError) && !(error instanceof ConnectionResetError)) throw error;
  }
}
