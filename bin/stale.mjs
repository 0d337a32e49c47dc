// Tells whether something made from files must be made again: a stamp keeps each input's size and time of change.
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { root } from "./state.mjs";

/** True unless `stamp` was written for exactly these inputs as they are now. Inputs are files relative to the root. */
export function isStale(stamp, inputs) {
  // In an image nothing changes any more, and layers have rounded the times.
  if (process.env.SLIPWAY_BUILT && existsSync(stamp)) return false;
  return !existsSync(stamp) || readFileSync(stamp, "utf8") !== fingerprint(inputs);
}

export function writeStamp(stamp, inputs) {
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, fingerprint(inputs));
}

/** The inputs a stamp was written for; empty when there is none. */
export function stampedInputs(stamp) {
  if (!existsSync(stamp)) return [];
  return readFileSync(stamp, "utf8")
    .split("\n")
    .map((line) => line.split("\t")[0]);
}

/** All files below the given files and folders, relative to the root, without tests and what is generated. */
export function filesBelow(...places) {
  const found = [];
  const visit = (place) => {
    const path = join(root, place);
    if (!existsSync(path)) return;
    if (statSync(path).isDirectory()) for (const name of readdirSync(path).sort()) visit(`${place}/${name}`);
    else if (!/\.test\.tsx?$|\.tsbuildinfo$/.test(place)) found.push(place);
  };
  for (const place of places) visit(place);
  return found;
}

function fingerprint(inputs) {
  return inputs
    .map((input) => {
      const stat = statSync(join(root, input), { throwIfNoEntry: false });
      return `${input}\t${stat ? `${stat.size} ${Math.round(stat.mtimeMs)}` : "gone"}`;
    })
    .join("\n");
}
