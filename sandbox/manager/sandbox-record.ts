import type { Driver, LessonRef, SandboxState, SandboxView, TerminalName } from "../protocol/sandbox-view";
import type { TerminalSize } from "../protocol/terminal-host-api";
import type { TaskVerdict } from "../protocol/verdict";
import { endOf, type Lifetime } from "./lifetime";

/** What is known of one sandbox; the manager that owns it is the only one to change it. */
export interface SandboxRecord {
  readonly id: string;
  readonly userId: string;
  readonly userKind: "guest" | "account";
  readonly address: string;
  readonly lesson: LessonRef;
  readonly driver: Driver;
  readonly workstation: "oci" | "host";
  readonly createdAt: Date;
  /** Which of the instance's user ids its processes have; no two live sandboxes share one. */
  readonly uidIndex: number;
  readonly socketPath: string;
  readonly terminal: TerminalSize;
  readonly lifetime: Lifetime;
  state: SandboxState;
  lastActiveAt: Date;
  /** Names of its terminals, the first one always there. */
  terminals: readonly TerminalName[];
  /** When its journal was last written; what happened until then comes back. */
  savedAt: Date | undefined;
  /**
   * Whether it may have what its journal has not: from the time it was ready until its last save is stored. Nothing of
   * it is removed before that.
   */
  unsaved: boolean;
  /** As the cluster-host last told; empty until then. */
  verdicts: readonly TaskVerdict[];
  /** Which tasks the stored verdicts say are passed. */
  readonly passed: Set<string>;
}

export function viewOf(record: SandboxRecord): SandboxView {
  const { id, userId, lesson, driver, workstation, state, createdAt, lastActiveAt, terminals, savedAt } = record;
  return {
    id,
    userId,
    lesson,
    driver,
    workstation,
    state,
    createdAt: createdAt.toISOString(),
    lastActiveAt: lastActiveAt.toISOString(),
    end: endOf(record) ?? null,
    terminals: [...terminals],
    savedAt: savedAt?.toISOString() ?? null,
  };
}

export const FIRST_TERMINAL: TerminalName = "main";

/** A sandbox's terminal, in the terminal-host. */
export function terminalIdOf({ id }: Pick<SandboxRecord, "id">, terminal: TerminalName): string {
  return `${id}.${terminal}`;
}
