import { mkdir, rm } from "node:fs/promises";
import { dirname } from "node:path";
import type { ClusterDriver, CreateOptions } from "../cluster/cluster";
import type { ClusterCreate, ClusterMade } from "../protocol/cluster-host-api";
import { SandboxError, type ClusterStep, type ErrorCode, type StartStep, type StopReason } from "../protocol/codes";
import type { Driver, TerminalName } from "../protocol/sandbox-view";
import type { SandboxCreate } from "../protocol/manager-api";
import { restoreHome } from "../workstation/home-archive";
import type { Workstation } from "../workstation/workstation";
import type { RestorePoint } from "./journal/restore-point";
import { terminalIdOf, type SandboxRecord } from "./sandbox-record";
import type { TerminalHost } from "./terminal-host";

export interface SandboxParts {
  readonly clusters: Pick<ClusterDriver, "start" | "remove" | "list" | "save"> & {
    create(spec: ClusterCreate, options: CreateOptions & { readonly driver: Driver }): Promise<ClusterMade>;
  };
  readonly workstation: Pick<Workstation, "start" | "command" | "folders" | "remove" | "list" | "revive">;
  readonly terminals: Pick<TerminalHost, "ensure" | "remove" | "list" | "output">;
}

/** What the lesson wants in a new sandbox, and what an earlier one left. */
export type SandboxContent = Pick<SandboxCreate, "checks" | "addons" | "faults" | "startObjects" | "files"> & {
  readonly restore?: RestorePoint;
};

/** A step that failed, with the reason the learner is given; `cause` is for the log. */
export class StartFailure extends Error {
  override readonly name = "StartFailure";
  readonly reason: StopReason;

  constructor(reason: StopReason, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.reason = reason;
  }
}

/**
 * Makes cluster and workstation side by side, then the shell. `onStep` is told what is being waited for, with the steps
 * that are done.
 * @throws StartFailure; what was made until then is left to `tearDown`
 */
export async function bringUp(
  parts: SandboxParts,
  record: SandboxRecord,
  content: SandboxContent,
  onStep: (step: StartStep, done: readonly StartStep[], cluster?: ClusterStep) => void,
  signal: AbortSignal,
): Promise<void> {
  onStep("cluster", []);
  const done = new Set<StartStep>();
  const finish = (step: StartStep): void => {
    done.add(step);
    if (done.size < 2) onStep(step === "cluster" ? "workstation" : "cluster", [...done], at);
  };
  // A cluster that takes its time says where it is.
  let at: ClusterStep | undefined;
  const onClusterStep = (step: ClusterStep): void => {
    at = step;
    onStep("cluster", [...done], at);
  };
  const cluster = openCluster(parts, record, content, signal, onClusterStep);
  const results = await Promise.allSettled([
    orFail("cluster-failed", () => cluster.ready).then(() => {
      at = undefined;
      finish("cluster");
    }),
    // Born with the kubeconfig, which is there long before the cluster is.
    orFail("cluster-failed", () => cluster.access)
      .then(({ kubeconfig }) =>
        orFail("workstation-failed", () => startWorkstation(parts, record, content, kubeconfig)),
      )
      .then(() => finish("workstation")),
  ]);
  // Only when both have come to an end is it known what there is to tear down.
  for (const result of results) if (result.status === "rejected") throw result.reason;
  signal.throwIfAborted();
  onStep("shell", ["cluster", "workstation"]);
  for (const name of record.terminals) {
    await orFail("shell-failed", () => ensureShell(parts, record, name, content.restore?.terminals[name]));
  }
  signal.throwIfAborted();
}

/** `access` is how to get there, known before the cluster is `ready`; it fails when that does. */
function openCluster(
  parts: Pick<SandboxParts, "clusters">,
  record: SandboxRecord,
  content: SandboxContent,
  signal: AbortSignal,
  onStep: (step: ClusterStep) => void,
): { access: Promise<ClusterMade>; ready: Promise<ClusterMade> } {
  let onAccess = (_made: ClusterMade): void => {};
  const access = new Promise<ClusterMade>((resolve) => (onAccess = resolve));
  const create = async (): Promise<ClusterMade> => {
    await mkdir(dirname(record.socketPath), { recursive: true, mode: 0o700 });
    signal.throwIfAborted();
    const spec = {
      sandboxId: record.id,
      socketPath: record.socketPath,
      loopback: record.workstation === "host",
      checks: content.checks,
      addons: content.addons,
      faults: content.faults,
      startObjects: content.startObjects,
      restore: content.restore?.cluster,
    };
    return parts.clusters.create(spec, { signal, onAccess, onStep, driver: record.driver });
  };
  const ready = create();
  return { access: Promise.race([access, ready]), ready };
}

async function startWorkstation(
  { workstation }: Pick<SandboxParts, "workstation">,
  record: SandboxRecord,
  content: SandboxContent,
  kubeconfig: string,
): Promise<void> {
  await workstation.start({
    sandboxId: record.id,
    guest: record.userKind === "guest",
    uidIndex: record.uidIndex,
    apiSocketPath: record.socketPath,
    kubeconfig,
    files: content.files,
  });
  const home = content.restore?.home ?? [];
  if (home.length > 0) await restoreHome(workstation, record.id, home, serverIn(kubeconfig));
}

/** Where the cluster answers now; a kubeconfig that was saved may say otherwise. */
function serverIn(kubeconfig: string): string {
  return /^\s*server: (\S+)$/m.exec(kubeconfig)?.[1] ?? "";
}

/** A running shell in one of the sandbox's terminals: the one that is there, or a new one. */
export async function ensureShell(
  parts: Pick<SandboxParts, "workstation" | "terminals">,
  record: SandboxRecord,
  terminal: TerminalName,
  past?: RestorePoint["terminals"][string],
): Promise<void> {
  const shell = { terminal, directory: past?.directory };
  const { argv, env, cwd } = await parts.workstation.command(record.id, { shell });
  const scrollback = past && Buffer.from(past.scrollback).toString("base64");
  await parts.terminals.ensure({ id: terminalIdOf(record, terminal), argv, env, cwd, scrollback, ...record.terminal });
}

/**
 * Removes whatever there is of the sandbox. Does all it can: the faults of its steps come back together.
 */
export async function tearDown(parts: SandboxParts, record: SandboxRecord): Promise<unknown[]> {
  const faults: unknown[] = [];
  const attempt = (work: Promise<void>): Promise<void> => work.catch((error: unknown) => void faults.push(error));
  // The shells first, so that they do not see their world fall apart.
  await Promise.all(record.terminals.map((name) => attempt(parts.terminals.remove(terminalIdOf(record, name)))));
  await Promise.all([attempt(parts.workstation.remove(record.id)), attempt(parts.clusters.remove(record.id))]);
  await attempt(rm(dirname(record.socketPath), { recursive: true, force: true }));
  return faults;
}

/** Refusals of a driver that are reasons of their own. */
const REASONS: Partial<Record<ErrorCode, StopReason>> = {
  "lesson-needs-more": "lesson-needs-more",
  "driver-unavailable": "cluster-unavailable",
  "start-timeout": "start-timeout",
};

async function orFail<T>(reason: StopReason, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new StartFailure((error instanceof SandboxError ? REASONS[error.code] : undefined) ?? reason, error);
  }
}
