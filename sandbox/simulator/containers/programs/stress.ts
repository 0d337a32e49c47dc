import { wholeValue } from "../../api/quantity";
import type { Process } from "../processes/process";

/** How long one look at the clock of a busy worker lasts. */
const TURN_MS = 250;

/** The tool that puts load on a machine: `stress --cpu N --vm N --vm-bytes B --timeout T`. */
export async function stress(process: Process): Promise<number> {
  const options = readOptions(process.argv.slice(1));
  if (typeof options === "string") {
    await process.complain(`stress: FAIL: [${process.pid}] (244) ${options}\n`);
    return 1;
  }
  const { cpu, io, vm, hdd, bytes, seconds } = options;
  const hogs = `${cpu} cpu, ${io} io, ${vm} vm, ${hdd} hdd`;
  await process.print(`stress: info: [${process.pid}] dispatching hogs: ${hogs}\n`);
  const startedAt = process.clock.now();
  const { meter } = process.machine;
  process.onEnd(() => meter.hold(process, 0));
  meter.hold(process, vm * bytes);
  while (seconds === 0 || process.clock.now() < startedAt + seconds * 1000) {
    await process.sleep(TURN_MS);
    // Workers that write memory are as busy as those that count.
    meter.busy(TURN_MS * (cpu + vm));
  }
  await process.print(`stress: info: [${process.pid}] successful run completed in ${seconds}s\n`);
  return 0;
}

interface Hogs {
  cpu: number;
  io: number;
  vm: number;
  hdd: number;
  bytes: number;
  seconds: number;
}

const NAMES: Readonly<Record<string, keyof Hogs>> = {
  "-c": "cpu",
  "--cpu": "cpu",
  "-i": "io",
  "--io": "io",
  "-m": "vm",
  "--vm": "vm",
  "-d": "hdd",
  "--hdd": "hdd",
  "--vm-bytes": "bytes",
  "-t": "seconds",
  "--timeout": "seconds",
};
/** What changes how a hog works, not how much. */
const IGNORED = ["--vm-hang", "--vm-stride", "--hdd-bytes", "--backoff"];

function readOptions(args: readonly string[]): Hogs | string {
  const hogs: Hogs = { cpu: 0, io: 0, vm: 0, hdd: 0, bytes: 256 * 1024 * 1024, seconds: 0 };
  for (let at = 0; at < args.length; at++) {
    const [name = "", inline] = (args[at] ?? "").split("=", 2);
    if (["--vm-keep", "--verbose", "-v", "--quiet", "-q"].includes(name)) continue;
    const text = inline ?? args[++at];
    if (IGNORED.includes(name)) continue;
    const key = NAMES[name];
    if (key === undefined) return `unrecognized option: ${name}`;
    if (text === undefined) return `missing argument to option '${name}'`;
    hogs[key] = key === "bytes" ? bytesOf(text) : key === "seconds" ? secondsOf(text) : Number(text);
    if (Number.isNaN(hogs[key])) return `incorrect value: ${text}`;
  }
  return hogs;
}

function bytesOf(text: string): number {
  const match = /^(\d+)([BKMG]?)$/i.exec(text);
  const unit = match?.[2]?.toUpperCase() ?? "";
  return match ? wholeValue(`${match[1] ?? "0"}${unit === "B" || unit === "" ? "" : `${unit}i`}`) : Number.NaN;
}

function secondsOf(text: string): number {
  const match = /^(\d+)([smhd]?)$/.exec(text);
  return match ? Number(match[1]) * ({ m: 60, h: 3600, d: 86_400 }[match[2] ?? ""] ?? 1) : Number.NaN;
}
