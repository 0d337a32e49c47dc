import { setTimeout as sleep } from "node:timers/promises";
import { SandboxError } from "../../protocol/codes";
import { WorkstationError } from "../../workstation/workstation";
import type { SandboxRecord } from "../sandbox-record";
import { ManagerFenced } from "../store";
import { PartFault, type JournalKeeper } from "./keeper";

export interface LastSave {
  readonly record: SandboxRecord;
  /** Asked until it is there: where the journal stands may have to be read from the store. */
  readonly keeper: () => Promise<JournalKeeper>;
  readonly log: (event: string, fields: Readonly<Record<string, unknown>>) => void;
  /** How long the store is waited for. */
  readonly patienceMs: () => number;
  /** How long a part is that is there and cannot be read. */
  readonly partPatienceMs: number;
}

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 2_000;

/**
 * Takes everything of a sandbox once more, until it is stored: what is kept from being read, or stored, by something that
 * passes is tried again, for nothing of it may be removed before. False when it was not stored and somebody else has to
 * go on. Of what is no more nothing is expected.
 */
export async function saveLast({ record, keeper, log, patienceMs, partPatienceMs }: LastSave): Promise<boolean> {
  const began = performance.now();
  const wanted = { cluster: true, home: true, terminal: true };
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    try {
      const { cluster, home, terminal } = wanted;
      await (await keeper()).capture({ cluster, home, terminals: terminal ? record.terminals : [] });
      return true;
    } catch (err) {
      if (err instanceof ManagerFenced) return false;
      const waited = performance.now() - began;
      if (err instanceof PartFault && (isGone(err) || waited > partPatienceMs)) {
        wanted[err.part] = false;
        log("saved without a part", { sandbox: record.id, part: err.part, err });
        continue;
      }
      log("last save not written", { sandbox: record.id, err });
      if (waited > patienceMs()) return false;
    }
    await sleep(pause);
  }
}

/** Whether the part will not come back: its driver knows none, its disks are no more. */
function isGone({ cause }: PartFault): boolean {
  if (cause instanceof SandboxError) return cause.code === "cluster-not-found";
  return cause instanceof WorkstationError && cause.code === "not-running";
}
