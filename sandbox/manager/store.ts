import type { CheckMessage } from "../protocol/check-messages";
import type { SandboxView } from "../protocol/sandbox-view";
import type { VerdictEvent } from "../protocol/verdict";
import type { JournalStore } from "./journal/store";
import type { SandboxRecord } from "./sandbox-record";

/**
 * What the manager keeps beyond its own life. Each call is one step that is either done or not; calls about one
 * sandbox are made one after the other.
 */
export interface ManagerStore {
  readonly journal: JournalStore;
  /**
   * Registers this manager as the one of its place, fences the one before there, and takes over what it and managers
   * elsewhere whose lease has run out left unfinished.
   */
  open(): Promise<{ unfinished: SandboxRecord[] }>;
  /** Renews the lease on all its sandboxes. @throws ManagerFenced when they have been taken over */
  heartbeat(): Promise<void>;
  /** The unfinished sandboxes of managers of this instance that have ended, or whose lease has run out: ours now. */
  takeOver(): Promise<SandboxRecord[]>;
  /** Its own that have not stopped and have been as they are for so long. */
  unfinished(forMs: number): Promise<SandboxRecord[]>;
  insertSandbox(record: SandboxRecord): Promise<void>;
  /** State and last activity. @throws ManagerFenced */
  saveSandbox(record: SandboxRecord): Promise<void>;
  findSandbox(id: string): Promise<SandboxView | undefined>;
  /** Newest first, those that have stopped included. */
  listSandboxes(query: { userId?: string; limit: number }): Promise<SandboxView[]>;
  insertVerdict(record: SandboxRecord, verdict: NewVerdict): Promise<VerdictEvent>;
  /** In the order of their sequence. */
  verdictsAfter(sequence: number, limit: number): Promise<VerdictEvent[]>;
  /** Removes what is past its time: journals, sandboxes, managers (schema.prisma says when). Gives how many rows went. */
  forgetOld(): Promise<number>;
  audit(event: AuditEntry): Promise<void>;
  /**
   * Says that this manager ends; afterwards nothing may be called. `keep` leaves its lease to run out, so that its
   * successor in the same place comes before anybody elsewhere.
   */
  close(sandboxes: "keep" | "end"): Promise<void>;
}

/** A manager that has not renewed its lease for so long is dead. */
export const LEASE_MS = 60_000;

export interface NewVerdict {
  readonly taskId: string;
  readonly passed: boolean;
  readonly message: CheckMessage | undefined;
}

export interface AuditEntry {
  readonly action:
    "sandbox.create" | "sandbox.ready" | "sandbox.stop" | "sandbox.stopped" | "terminal.attach" | "terminal.watch";
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
