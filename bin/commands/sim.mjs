// Runs one simulated cluster in this terminal until it is told to stop.
import { pathToFileURL } from "node:url";
import { bundle } from "../build.mjs";

/** @param {string[]} argv */
export async function run(argv) {
  const simulator = await import(pathToFileURL(await bundle("sim")).href);
  return simulator.run(argv);
}
