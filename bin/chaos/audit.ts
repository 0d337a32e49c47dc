import pg from "pg";
import { sandboxStateSchema } from "@/sandbox/protocol/sandbox-view";
import { stopReasonSchema } from "@/sandbox/protocol/codes";
import { tracesOf } from "./traces";

export interface AuditOptions {
  readonly instance: string;
  readonly stateDir: string;
  readonly databaseUrl: string;
  /** Sandboxes that learners have now. Nothing else may be there. */
  readonly expected: readonly string[];
  /** How many processes of a kind there should be. */
  readonly processes: Readonly<Record<string, number>>;
}

/** What should not be, in words; empty when all is as it should be. Looks by itself and asks no process of ours. */
export async function audit({ instance, stateDir, databaseUrl, expected, processes }: AuditOptions): Promise<string[]> {
  const traces = tracesOf(instance, stateDir);
  const known = new Set(expected);
  const short = new Set(expected.map((id) => id.slice(-12)));
  const findings: string[] = [];
  for (const id of traces.controlGroups) if (!known.has(id)) findings.push(`orphaned control group ${id}`);
  for (const id of known) if (!traces.controlGroups.includes(id)) findings.push(`no control group for ${id}`);
  for (const mount of traces.mounts) {
    if (![...known].some((id) => mount.includes(id))) findings.push(`orphaned mount ${mount}`);
  }
  for (const folder of traces.folders) {
    const name = folder.split("/")[1] ?? "";
    if (!known.has(name) && !short.has(name)) findings.push(`orphaned folder ${folder}`);
  }
  for (const [kind, pids] of Object.entries(traces.processes)) {
    const wanted = processes[kind];
    if (wanted !== undefined && wanted !== pids.length)
      findings.push(`${pids.length} processes ${kind}, not ${wanted}`);
  }
  for (const [kind, wanted] of Object.entries(processes)) {
    if (wanted > 0 && !traces.processes[kind]) findings.push(`no process ${kind}`);
  }
  return [...findings, ...(await auditRows(databaseUrl, known))];
}

async function auditRows(databaseUrl: string, known: ReadonlySet<string>): Promise<string[]> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    connectionTimeoutMillis: 10_000,
    query_timeout: 30_000,
  });
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>("select id, phase, reason, detail from sandboxes");
    const findings = rows.flatMap(({ id, phase, reason, detail }) => {
      const name = `row of ${String(id)}`;
      if (phase === "stopped") {
        return stopReasonSchema.safeParse(reason).success ? [] : [`${name} has stopped without a reason`];
      }
      if (!known.has(String(id))) return [`orphaned ${name}: ${String(phase)}`];
      const state = sandboxStateSchema.safeParse((detail as { state?: unknown }).state);
      return state.success && state.data.phase === "ready" ? [] : [`${name} is ${String(phase)}, not ready`];
    });
    const stray = await client.query<{ id: string }>(
      "select distinct sandbox_id as id from journal left join sandboxes on sandboxes.id = sandbox_id where sandboxes.id is null",
    );
    return [...findings, ...stray.rows.map(({ id }) => `orphaned journal of ${id}`)];
  } finally {
    await client.end();
  }
}

/** After everything was stopped: nothing at all may be left. */
export function auditEnd(instance: string, stateDir: string): string[] {
  const { processes, controlGroups, mounts, folders } = tracesOf(instance, stateDir);
  return [
    ...Object.entries(processes).map(([kind, pids]) => `${kind} still runs: ${pids.join(", ")}`),
    ...controlGroups.map((id) => `control group ${id} is still there`),
    ...mounts.map((mount) => `${mount} is still mounted`),
    ...folders.map((folder) => `folder ${folder} is still there`),
  ];
}
