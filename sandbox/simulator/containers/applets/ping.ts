import { ConnectionTimeoutError, NetworkUnreachableError } from "../../network/network";
import { Interrupted } from "../processes/program";
import { type Applet, complain, readOptions, usage } from "./applet";
import { lookUp } from "./web";

const USAGE = "[OPTIONS] HOST";

/** busybox ping. */
export const ping: Applet = async (process, call) => {
  const options = await readOptions(process, call, { letters: "c:W:w:i:s:q46A", usage: USAGE });
  const [name] = options.operands;
  if (name === undefined) return usage(process, call, USAGE);
  const address = await lookUp(process, name);
  if (address === undefined) {
    await complain(process, call, `bad address '${name}'`);
    return 1;
  }
  const size = Number(options.values.get("s") ?? 56);
  const count = Number(options.values.get("c") ?? Infinity);
  const intervalMs = Number(options.values.get("i") ?? 1) * 1000;
  const waitMs = Number(options.values.get("W") ?? 10) * 1000;
  const endsAt = options.values.has("w") ? process.clock.now() + Number(options.values.get("w")) * 1000 : Infinity;
  await process.print(`PING ${name} (${address}): ${size} data bytes\n`);
  const times: number[] = [];
  let sent = 0;
  // Ctrl-C ends it with its summary.
  const asked = { stop: false };
  process.handle("INT", () => void (asked.stop = true));
  try {
    while (sent < count && process.clock.now() < endsAt && !asked.stop) {
      if (sent > 0) await process.sleep(intervalMs);
      const sequence = sent++;
      try {
        const ms = await process.until(process.machine.network.ping(address, waitMs));
        times.push(ms);
        if (!options.flags.has("q"))
          await process.print(
            `${size + 8} bytes from ${address}: seq=${sequence} ttl=${address === process.machine.network.address || address.startsWith("127.") ? 64 : 62} time=${ms.toFixed(3)} ms\n`,
          );
      } catch (error) {
        if (error instanceof NetworkUnreachableError) {
          await complain(process, call, "sendto: Network is unreachable");
          return 1;
        }
        if (!(error instanceof ConnectionTimeoutError)) throw error;
      }
    }
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
  }
  const lost = sent === 0 ? 0 : Math.floor(((sent - times.length) * 100) / sent);
  await process.print(
    `\n--- ${name} ping statistics ---\n${sent} packets transmitted, ${times.length} packets received, ${lost}% packet loss\n`,
  );
  if (times.length > 0) {
    const average = times.reduce((sum, each) => sum + each, 0) / times.length;
    await process.print(
      `round-trip min/avg/max = ${Math.min(...times).toFixed(3)}/${average.toFixed(3)}/${Math.max(...times).toFixed(3)} ms\n`,
    );
  }
  return times.length > 0 ? 0 : 1;
};
