import { AddressInUseError, type Connection } from "../../../network/network";
import { asByteText, toBytes } from "../../applets/applet";
import { connectionProblem, lookUp } from "../../applets/web";
import type { Process } from "../../processes/process";
import { readLine } from "../../shell/read-line";
import { untilStopped } from "../go-server";
import { Keyspace } from "./keyspace";
import { encode, RespReader, type RespValue } from "./resp";

const VERSION = "8.2.1";
const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

/** redis-server: the keyspace in memory, on port 6379 or `--port`. */
export async function redisServer(process: Process): Promise<number> {
  const port = Number(valueAfter(process.argv, "--port") ?? 6379);
  const keys = new Keyspace(() => process.clock.now());
  const log = (level: string, text: string): Promise<void> =>
    process.print(`${process.pid}:M ${logTime(process.clock.now())} ${level} ${text}\n`);
  try {
    const listener = process.machine.network.listen({ port }, (connection) => {
      process.onEnd(() => connection.reset());
      // One client's trouble must not end the server for all.
      serve(connection, keys, process).catch(() => connection.reset());
    });
    process.onEnd(() => listener.close());
  } catch (error) {
    if (!(error instanceof AddressInUseError)) throw error;
    await log("#", `Warning: Could not create server TCP listening socket *:${port}: bind: Address already in use`);
    await log("#", "Failed listening on port 6379 (tcp), aborting.");
    return 1;
  }
  await log("*", `Running mode=standalone, port=${port}.`);
  await log("*", "Server initialized");
  await log("*", "Ready to accept connections tcp");
  await untilStopped(process);
  await log("#", "User requested shutdown...");
  await log("#", "Redis is now ready to exit, bye bye...");
  return 0;
}

async function serve(connection: Connection, keys: Keyspace, process: Process): Promise<void> {
  const values = new RespReader(connection.reader);
  for (let asked = await values.read(); asked; asked = await values.read()) {
    const words = asked.kind === "array" ? asked.items.map((item) => ("text" in item ? item.text : "")) : [];
    if (words.length === 0) continue;
    const leaving = words[0]?.toUpperCase() === "QUIT";
    const answer: RespValue = leaving
      ? { kind: "simple", text: "OK" }
      : words[0]?.toUpperCase() === "INFO"
        ? { kind: "bulk", text: info(process) }
        : keys.run(words);
    await connection.writer.write(toBytes(encode(answer)));
    if (leaving) break;
    await process.step();
  }
  connection.writer.end();
}

function info(process: Process): string {
  const seconds = Math.floor((process.clock.now() - process.startedAt) / 1000);
  return [
    "# Server",
    `redis_version:${VERSION}`,
    "redis_mode:standalone",
    `process_id:${process.pid}`,
    "tcp_port:6379",
    `uptime_in_seconds:${seconds}`,
    "",
    "# Replication",
    "role:master",
    "connected_slaves:0",
    "",
  ].join("\r\n");
}

/** redis-cli: one command from its arguments, or lines of standard input. */
export async function redisCli(process: Process): Promise<number> {
  const args = process.argv.slice(1);
  const host = valueAfter(args, "-h") ?? "127.0.0.1";
  const port = Number(valueAfter(args, "-p") ?? 6379);
  const words = withoutOptions(args);
  const address = await lookUp(process, host);
  let connection: Connection;
  try {
    if (address === undefined) throw new Error("Name or service not known");
    connection = await process.until(process.machine.network.connect({ address, port }));
  } catch (error) {
    const problem = address === undefined ? "Name or service not known" : connectionProblem(error);
    await process.complain(`Could not connect to Redis at ${host}:${port}: ${problem}\n`);
    return 1;
  }
  process.onEnd(() => connection.reset());
  const talk = new Conversation(process, connection);
  if (words.length > 0) return (await talk.ask(words)) ? 0 : 1;
  const prompt = process.terminal ? `${host}:${port}> ` : "";
  for (;;) {
    if (prompt) await process.print(prompt);
    const line = await readLine(process, 0);
    if (line === undefined) return 0;
    const typed = (line.trim().match(/"[^"]*"|'[^']*'|\S+/g) ?? []).map((word) => word.replace(/^(["'])(.*)\1$/, "$2"));
    if (typed[0] === "exit" || typed[0] === "quit") return 0;
    if (typed.length > 0) await talk.ask(typed);
  }
}

class Conversation {
  readonly #process: Process;
  readonly #connection: Connection;
  readonly #values: RespReader;

  constructor(process: Process, connection: Connection) {
    this.#process = process;
    this.#connection = connection;
    this.#values = new RespReader(connection.reader);
  }

  /** False when the server hung up. */
  async ask(words: readonly string[]): Promise<boolean> {
    const items = words.map((word): RespValue => ({ kind: "bulk", text: asByteText(word) }));
    await this.#connection.writer.write(toBytes(encode({ kind: "array", items })));
    const answer = await this.#process.until(this.#values.read());
    if (!answer) {
      await this.#process.complain("Error: Server closed the connection\n");
      return false;
    }
    // On a terminal values are shown with their types, in a pipe as they are.
    const shown = this.#process.descriptor(1)?.terminal ? formatted(answer, "") : raw(answer);
    await this.#process.write(1, toBytes(`${shown}\n`));
    return true;
  }
}

function formatted(value: RespValue, indent: string): string {
  switch (value.kind) {
    case "simple":
      return value.text;
    case "error":
      return `(error) ${value.text}`;
    case "integer":
      return `(integer) ${value.value}`;
    case "null":
      return "(nil)";
    case "bulk":
      return `"${value.text.replace(/["\\]/g, "\\$&").replaceAll("\r", "\\r").replaceAll("\n", "\\n")}"`;
    case "array":
      if (value.items.length === 0) return "(empty array)";
      return value.items
        .map((item, index) => `${index === 0 ? "" : indent}${index + 1}) ${formatted(item, `${indent}   `)}`)
        .join("\n");
  }
}

function raw(value: RespValue): string {
  switch (value.kind) {
    case "integer":
      return String(value.value);
    case "null":
      return "";
    case "array":
      return value.items.map(raw).join("\n");
    default:
      return value.text;
  }
}

const VALUED = new Set(["-h", "-p", "-a", "-n", "--user", "--pass"]);

function withoutOptions(args: readonly string[]): readonly string[] {
  let at = 0;
  while (args[at]?.startsWith("-")) at += VALUED.has(args[at] ?? "") ? 2 : 1;
  return args.slice(at);
}

function valueAfter(args: readonly string[], name: string): string | undefined {
  const at = args.indexOf(name);
  return at < 0 ? undefined : args[at + 1];
}

/** `21 Nov 2026 14:03:27.123` */
function logTime(ms: number): string {
  const iso = new Date(ms).toISOString();
  return `${iso.slice(8, 10)} ${MONTHS[Number(iso.slice(5, 7)) - 1] ?? ""} ${iso.slice(0, 4)} ${iso.slice(11, 23)}`;
}
