import type { CheckMessage } from "../protocol/check-messages";
import type { SandboxView } from "../protocol/sandbox-view";
import type { VerdictEvent } from "../protocol/verdict";
import type { SandboxRecord } from "./sandbox-record";

/**
 * What the manager keeps beyond its own life. Each call is one step that is either done or not; calls about one
 * sandbox are made one after the other.
 */
export interface ManagerStore {
  /** Registers this manager as the one of its instance and takes over what earlier ones left unfinished. */
  open(): Promise<{ unfinished: SandboxRecord[] }>;
  /** @throws ManagerFenced when a later manager of this instance has taken over */
  heartbeat(): Promise<void>;
  insertSandbox(record: SandboxRecord): Promise<void>;
  /** State and last activity. @throws ManagerFenced */
  saveSandbox(record: SandboxRecord): Promise<void>;
  findSandbox(id: string): Promise<SandboxView | undefined>;
  /** Newest first, those that have stopped included. */
  listSandboxes(query: { userId?: string; limit: number }): Promise<SandboxView[]>;
  insertVerdict(record: SandboxRecord, verdict: NewVerdict): Promise<VerdictEvent>;
  /** In the order of their sequence. */
  verdictsAfter(sequence: number, limit: number): Promise<VerdictEvent[]>;
  audit(event: AuditEntry): Promise<void>;
  /** Says that this manager ends; afterwards nothing may be called. */
  close(): Promise<void>;
}

export interface NewVerdict {
  readonly taskId: string;
  readonly passed: boolean;
  readonly message: CheckMessage | undefined;
}

export interface AuditEntry {
  readonly action: "sandbox.create" | "sandbox.ready" | "sandbox.stop" | "sandbox.stopped" | "terminal.attach";
  readonly sandboxId: string;
  readonly actorId?: string;
  readonly address?: string;
  /** Codes and ids, never sentences. */
  readonly detail?: Readonly<Record<string, string>>;
}

/** A later manager owns the sandboxes now; this one must stop writing. */
export class ManagerFenced extends Error {
  override readonly name = "ManagerFenced";
}
