import { DNS_CODES, DNS_TYPES, type DnsMessage, type DnsRecord, type DnsType } from "../../network/dns-message";
import { askServer, reverseName, searchCandidates } from "../../network/resolver";
import { isIPv4 } from "../../network/address";
import type { Process } from "../processes/process";
import { type Applet, type Call, complain, readOptions, usage } from "./applet";
import { resolverConfig } from "./resolv-conf";
import { lookUp } from "./web";

const USAGE = "[-type=QUERY_TYPE] [-debug] HOST [DNS_SERVER]";

/** busybox nslookup (the larger one): asks A and AAAA, shows each answer. */
export const nslookup: Applet = async (process, call) => {
  const types: DnsType[] = [];
  const operands: string[] = [];
  for (const word of call.args) {
    const wanted = /^-(?:type|querytype|t|q)=(\w+)$/.exec(word)?.[1]?.toUpperCase();
    if (wanted !== undefined) {
      if (!isType(wanted)) return (await complain(process, call, `invalid query type "${wanted.toLowerCase()}"`), 1);
      types.push(wanted);
    } else if (!word.startsWith("-")) operands.push(word);
  }
  await readOptions(process, { ...call, args: [] }, { letters: "" });
  const [name, serverName] = operands;
  if (name === undefined) return usage(process, call, USAGE);
  const config = resolverConfig(process);
  const server =
    serverName === undefined
      ? (config.nameservers[0] ?? "127.0.0.1")
      : isIPv4(serverName)
        ? serverName
        : await lookUp(process, serverName);
  if (server === undefined) return (await complain(process, call, `bad address '${serverName ?? ""}'`), 1);
  const reverse = isIPv4(name);
  const wanted: readonly DnsType[] = types.length > 0 ? types : reverse ? ["PTR"] : ["A", "AAAA"];
  const question = reverse && types.length === 0 ? reverseName(name) : name;
  // Every candidate of the search path is asked, as long as the name has no dot.
  const candidates =
    !reverse && types.length === 0 && !name.includes(".")
      ? searchCandidates(config, name).filter((each) => each !== name)
      : [question.replace(/\.$/, "")];
  return new Lookup(process, call, server, config.timeoutMs).run(
    candidates.length > 0 ? candidates : [question],
    wanted,
  );
};

class Lookup {
  readonly #process: Process;
  readonly #call: Call;
  readonly #server: string;
  readonly #timeoutMs: number;

  constructor(process: Process, call: Call, server: string, timeoutMs: number) {
    this.#process = process;
    this.#call = call;
    this.#server = server;
    this.#timeoutMs = timeoutMs;
  }

  async run(names: readonly string[], types: readonly DnsType[]): Promise<number> {
    const process = this.#process;
    const answers: { name: string; type: DnsType; message: DnsMessage }[] = [];
    for (const name of names) {
      for (const type of types) {
        const message = await process.until(
          askServer(process.machine.network, this.#server, name, type, this.#timeoutMs),
        );
        if (!message) {
          await process.print(`;; connection timed out; no servers could be reached\n\n`);
          return 1;
        }
        answers.push({ name, type, message });
      }
    }
    await process.print(`Server:\t\t${this.#server}\nAddress:\t${this.#server}:53\n\n`);
    let failed = 0;
    for (const { name, type, message } of answers) {
      if (message.code !== 0) {
        const code = Object.entries(DNS_CODES).find(([, value]) => value === message.code)?.[0] ?? String(message.code);
        await process.print(`** server can't find ${name}: ${code}\n\n`);
        failed++;
      } else {
        const shown = message.answers.map(recordText).join("");
        if (shown) await process.print(`${message.authoritative ? "" : "Non-authoritative answer:\n"}${shown}\n`);
        else await process.print(type === "AAAA" && types.length > 1 ? "\n" : `*** Can't find ${name}: No answer\n\n`);
      }
    }
    return failed > 0 ? 1 : 0;
  }
}

function recordText(record: DnsRecord): string {
  switch (record.type) {
    case "A":
    case "AAAA":
      return `Name:\t${record.name}\nAddress: ${record.address}\n`;
    case "CNAME":
      return `${record.name}\tcanonical name = ${record.target}\n`;
    case "PTR":
      return `${record.name}\tname = ${record.target}\n`;
    case "NS":
      return `${record.name}\tnameserver = ${record.target}\n`;
    case "SRV":
      return `${record.name}\tservice = ${record.priority} ${record.weight} ${record.port} ${record.target}\n`;
    case "SOA":
      return `${record.name}\n\torigin = ${record.primary}\n\tmail addr = ${record.mailbox}\n\tserial = ${record.serial}\n`;
  }
}

function isType(text: string): text is DnsType {
  return Object.hasOwn(DNS_TYPES, text);
}
