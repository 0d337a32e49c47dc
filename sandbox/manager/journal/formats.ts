import { CLUSTER_SAVE_FORMATS } from "../../protocol/cluster-host-api";
import { SandboxError } from "../../protocol/codes";
import type { Driver } from "../../protocol/sandbox-view";
import { HOME_FORMAT } from "../../workstation/home-archive";
import type { JournalEntry } from "./entry";
import { TERMINAL_FORMAT } from "./terminal-entry";

/**
 * A later release may have written them, before a step back. What it wrote stays as it is until that release, or one
 * after it, reads it.
 * @throws SandboxError `restore-failed`
 */
export function requireReadable(entries: readonly JournalEntry[], driver: Driver): void {
  const known = { cluster: CLUSTER_SAVE_FORMATS[driver], home: HOME_FORMAT, terminal: TERMINAL_FORMAT };
  const newer = entries.find(({ kind, format }) => format > known[kind]);
  if (!newer) return;
  const { kind, format } = newer;
  const text = `the ${kind} was saved in format ${format}, this release reads up to ${known[kind]}: a later release wrote it, and can bring it back`;
  throw new SandboxError("restore-failed", text);
}
