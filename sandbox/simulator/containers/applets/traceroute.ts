import { ConnectionTimeoutError, NetworkUnreachableError } from "../../network/network";
import type { Process } from "../processes/process";
import { type Applet, complain, readOptions, usage } from "./applet";
import { gatewayOf } from "./interfaces";
import { lookUp } from "./web";

const USAGE = `[-46Flnrv] [-f 1ST_TTL] [-m MAXTTL] [-q PROBES] [-p PORT]
	[-t TOS] [-w WAIT_SEC] [-s SRC_IP] [-i IFACE]
	[-z PAUSE_MSEC] HOST [BYTES]`;

/** traceroute: by which machines a packet goes. Who is not there answers nothing, nor does anybody behind the way out. */
export const traceroute: Applet = async (process, call) => {
  const { values, operands } = await readOptions(process, call, {
    letters: "46Flnrvf:m:q:p:t:w:s:i:z:",
    usage: USAGE,
  });
  const [name, size = "46"] = operands;
  if (name === undefined) return usage(process, call, USAGE);
  const address = await lookUp(process, name);
  if (address === undefined) {
    await complain(process, call, `bad address '${name}'`);
    return 1;
  }
  const [first, most, probes] = [
    Number(values.get("f") ?? 1),
    Number(values.get("m") ?? 30),
    Number(values.get("q") ?? 3),
  ];
  const waitMs = Number(values.get("w") ?? 3) * 1000;
  await process.print(`traceroute to ${name} (${address}), ${most} hops max, ${size} byte packets\n`);
  const hops = hopsTo(process.machine.network.address, address);
  for (let hop = first; hop <= most; hop++) {
    const machine = hops[hop - 1];
    await process.print(String(hop).padStart(2));
    let shown = false;
    for (let probe = 0; probe < probes; probe++) {
      const ms = machine === undefined ? undefined : await answerOf(process, machine, address, waitMs);
      if (ms === undefined) {
        if (machine === undefined) await process.sleep(waitMs);
        await process.print("  *");
        continue;
      }
      await process.print(`${shown || machine === undefined ? "" : `  ${machine} (${machine})`}  ${ms.toFixed(3)} ms`);
      shown = true;
    }
    await process.print("\n");
    if (machine === address && shown) return 0;
  }
  return 0;
};

/** Machines between two addresses, the last one included; those of the cluster answer, whatever policies say of pods. */
function hopsTo(from: string, to: string): string[] {
  const isPod = (address: string): boolean => address.startsWith("10.244.");
  const near = gatewayOf(from);
  if (from === to || to.startsWith("127.")) return [to];
  if (!isPod(from)) return isPod(to) ? [nodeOf(to), to] : [to];
  const nodes = isPod(to) && gatewayOf(to) !== near ? [near, nodeOf(to)] : [near];
  return nodeOf(from) === to ? [to] : [...nodes, to];
}

/** Nodes have their addresses in the order of their pods' ranges. */
function nodeOf(pod: string): string {
  return `172.18.0.${Number(pod.split(".")[2]) + 2}`;
}

async function answerOf(
  process: Process,
  machine: string,
  target: string,
  waitMs: number,
): Promise<number | undefined> {
  // Gateways are the near side of a node, which has no other place in the network.
  if (machine !== target && machine.endsWith(".1")) return 0.004 + process.machine.random.next() / 100;
  try {
    return await process.until(process.machine.network.ping(machine, waitMs));
  } catch (error) {
    if (error instanceof ConnectionTimeoutError || error instanceof NetworkUnreachableError) return undefined;
    throw error;
  }
}
