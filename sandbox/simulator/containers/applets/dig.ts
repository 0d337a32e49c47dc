import { DNS_CODES, DNS_TYPES, type DnsMessage, type DnsRecord, type DnsType } from "../../network/dns-message";
import { isIPv4 } from "../../network/address";
import { askServer, reverseName } from "../../network/resolver";
import type { Process } from "../processes/process";
import { type Applet, complain } from "./applet";
import { resolverConfig } from "./resolv-conf";
import { lookUp } from "./web";

interface Question {
  readonly name: string;
  readonly type: DnsType;
}

/** BIND's dig: `dig [@server] [-x addr] name [type] [+short] [+search]`. */
export const dig: Applet = async (process, call) => {
  const config = resolverConfig(process);
  const questions: Question[] = [];
  let type: DnsType = "A";
  let serverName: string | undefined;
  const options = new Set<string>();
  for (let at = 0; at < call.args.length; at++) {
    const word = call.args[at] ?? "";
    if (word.startsWith("@")) serverName = word.slice(1);
    else if (word.startsWith("+")) options.add(word.slice(1));
    else if (word === "-x") questions.push({ name: reverseName(call.args[++at] ?? ""), type: "PTR" });
    else if (word === "-t") type = typeOf(call.args[++at] ?? "") ?? type;
    else if (word === "IN" || /^-[46]$/.test(word)) continue;
    else {
      const wanted = typeOf(word);
      if (wanted !== undefined && questions.length > 0)
        questions.push({ name: questions.pop()?.name ?? "", type: wanted });
      else if (wanted !== undefined) type = wanted;
      else questions.push({ name: word, type });
    }
  }
  const server =
    serverName === undefined ? (config.nameservers[0] ?? "127.0.0.1") : await addressOf(process, serverName);
  if (server === undefined) {
    await complain(process, call, `couldn't get address for '${serverName ?? ""}': not found`);
    return 10;
  }
  for (const { name, type: wanted } of questions.length > 0 ? questions : [{ name: ".", type: "NS" as const }]) {
    const names =
      options.has("search") && !name.endsWith(".") ? config.search.map((domain) => `${name}.${domain}`) : [];
    const began = process.clock.now();
    let answered: { name: string; message: DnsMessage } | undefined;
    for (const candidate of [...names, name]) {
      const message = await process.until(
        askServer(process.machine.network, server, candidate.replace(/\.$/, ""), wanted, config.timeoutMs),
      );
      if (!message) {
        await process.print(
          `;; communications error to ${server}#53: timed out\n\n; <<>> DiG 9.20.15 <<>> ${call.args.join(" ")}\n;; global options: +cmd\n;; no servers could be reached\n`,
        );
        return 9;
      }
      answered = { name: candidate, message };
      if (message.code === 0) break;
    }
    if (!answered) continue;
    if (options.has("short"))
      await process.print(answered.message.answers.map((each) => `${valueOf(each)}\n`).join(""));
    else await process.print(whole(process, call.args, answered, wanted, server, process.clock.now() - began));
  }
  return 0;
};

function whole(
  process: Process,
  args: readonly string[],
  { name, message }: { name: string; message: DnsMessage },
  type: DnsType,
  server: string,
  ms: number,
): string {
  const status = Object.entries(DNS_CODES).find(([, code]) => code === message.code)?.[0] ?? "SERVFAIL";
  const flags = ["qr", ...(message.authoritative ? ["aa"] : []), "rd", ...(message.authoritative ? [] : ["ra"])].join(
    " ",
  );
  const counts = `QUERY: 1, ANSWER: ${message.answers.length}, AUTHORITY: ${message.authorities.length}, ADDITIONAL: 1`;
  const section = (title: string, records: readonly DnsRecord[]): string =>
    records.length === 0 ? "" : `;; ${title} SECTION:\n${records.map((each) => `${recordLine(each)}\n`).join("")}\n`;
  const asked = name === "." ? "." : `${name.replace(/\.$/, "")}.`;
  return `
; <<>> DiG 9.20.15 <<>> ${args.join(" ")}
;; global options: +cmd
;; Got answer:
;; ->>HEADER<<- opcode: QUERY, status: ${status}, id: ${message.id}
;; flags: ${flags}; ${counts}

;; OPT PSEUDOSECTION:
; EDNS: version: 0, flags:; udp: 1232
;; QUESTION SECTION:
;${asked.padEnd(30)} IN\t${type}

${section("ANSWER", message.answers)}${section("AUTHORITY", message.authorities)};; Query time: ${Math.round(ms)} msec
;; SERVER: ${server}#53(${server}) (UDP)
;; WHEN: ${new Date(process.clock.now()).toUTCString().replace(/^(\w+), (\d+) (\w+) (\d+) ([\d:]+) GMT$/, "$1 $3 $2 $5 UTC $4")}
;; MSG SIZE  rcvd: ${60 + message.answers.length * 16}

`;
}

function recordLine(record: DnsRecord): string {
  return `${`${record.name}.`.padEnd(24)}\t${record.ttl}\tIN\t${record.type}\t${valueOf(record)}`;
}

function valueOf(record: DnsRecord): string {
  switch (record.type) {
    case "A":
    case "AAAA":
      return record.address;
    case "CNAME":
    case "PTR":
    case "NS":
      return `${record.target}.`;
    case "SRV":
      return `${record.priority} ${record.weight} ${record.port} ${record.target}.`;
    case "SOA":
      return `${record.primary}. ${record.mailbox}. ${record.serial} 7200 1800 86400 5`;
  }
}

function typeOf(word: string): DnsType | undefined {
  const name = word.toUpperCase();
  return Object.hasOwn(DNS_TYPES, name) ? (name as DnsType) : undefined;
}

async function addressOf(process: Process, name: string): Promise<string | undefined> {
  return isIPv4(name) ? name : lookUp(process, name);
}
