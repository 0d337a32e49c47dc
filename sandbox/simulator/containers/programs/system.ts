import type { Process } from "../processes/process";
import { Interrupted } from "../processes/program";

/** Sleeps until told to stop: the pause container, and programs of the system that the simulator does elsewhere. */
export async function pause(process: Process): Promise<number> {
  const asked = { stop: false };
  for (const signal of ["TERM", "INT"] as const) process.handle(signal, () => void (asked.stop = true));
  while (!asked.stop) await waitForSignal(process);
  return 0;
}

async function waitForSignal(process: Process): Promise<void> {
  try {
    await process.until(new Promise<never>(() => {}));
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
  }
}
