import { z } from "zod";
import type { ClusterDriver } from "../cluster/cluster";
import {
  type JournalLine,
  sandboxCreateSchema,
  sandboxListQuerySchema,
  sandboxStopSchema,
  ticketCreateSchema,
  verdictsQuerySchema,
  watchersEndSchema,
} from "../protocol/manager-api";
import { SandboxError } from "../protocol/codes";
import type { DriverList } from "../protocol/drivers";
import type { ManagerMetrics } from "../protocol/metrics";
import type { JsonRoute } from "../protocol/node/json-server";
import { terminalNameSchema, type SandboxView } from "../protocol/sandbox-view";
import { requireReady } from "./live-sandbox";
import type { ExportedEntry } from "./journal/store";
import type { Sandboxes } from "./sandboxes";
import { viewOf } from "./sandbox-record";
import type { ManagerStore } from "./store";
import type { Tickets } from "./tickets";
import type { Watchers } from "./watchers";
import type { VerdictLog } from "./verdict-log";

export interface ApiParts {
  readonly sandboxes: Sandboxes;
  readonly clusters: Pick<ClusterDriver, "services" | "servicesAsTheyChange">;
  readonly store: Pick<ManagerStore, "findSandbox" | "listSandboxes" | "journal">;
  readonly tickets: Tickets;
  readonly watchers: Pick<Watchers, "end">;
  readonly verdicts: VerdictLog;
  readonly metrics: () => ManagerMetrics;
  readonly drivers: () => DriverList;
}

/** The manager's API (protocol/manager-api.ts), upgrades excepted. */
export function managerRoutes(parts: ApiParts): JsonRoute[] {
  const { sandboxes, clusters, watchers, store, tickets, verdicts } = parts;
  return [
    { method: "GET", path: "/v1/metrics", handle: () => ({ status: 200, body: parts.metrics() }) },
    { method: "GET", path: "/v1/drivers", handle: () => ({ status: 200, body: parts.drivers() }) },
    {
      method: "POST",
      path: "/v1/sandboxes",
      handle: async ({ body }) => {
        const { view, created } = await sandboxes.createOrGet(await body(sandboxCreateSchema));
        return { status: created ? 201 : 200, body: view };
      },
    },
    {
      method: "GET",
      path: "/v1/sandboxes",
      handle: async ({ query }) => ({
        status: 200,
        body: { sandboxes: await list(parts, query(sandboxListQuerySchema)) },
      }),
    },
    {
      method: "GET",
      path: "/v1/sandboxes/:id",
      handle: async ({ params }) => ({ status: 200, body: await find(parts, params["id"] ?? "") }),
    },
    {
      method: "GET",
      path: "/v1/sandboxes/:id/services",
      handle: async ({ params }) => {
        const id = params["id"] ?? "";
        requireReady(sandboxes.find(id) ?? (await find(parts, id)));
        return { status: 200, body: await clusters.services(id) };
      },
    },
    {
      method: "GET",
      path: "/v1/sandboxes/:id/services/events",
      handle: async ({ params }) => {
        const id = params["id"] ?? "";
        requireReady(sandboxes.find(id) ?? (await find(parts, id)));
        return {
          lines: async (write, signal) => {
            for await (const list of clusters.servicesAsTheyChange(id, signal)) write(list);
          },
        };
      },
    },
    {
      method: "POST",
      path: "/v1/sandboxes/:id/stop",
      handle: async ({ params, body }) => {
        const { reason, actorId } = await body(sandboxStopSchema);
        const id = params["id"] ?? "";
        const view = sandboxes.find(id) ? sandboxes.stop(id, reason, { actorId }) : await find(parts, id);
        return { status: 202, body: view };
      },
    },
    {
      method: "POST",
      path: "/v1/sandboxes/:id/extend",
      handle: ({ params }) => ({ status: 200, body: sandboxes.extend(params["id"] ?? "") }),
    },
    {
      method: "POST",
      path: "/v1/sandboxes/:id/terminals/:name/close",
      handle: async ({ params }) => {
        const name = terminalNameSchema.exclude(["main"]).safeParse(params["name"]);
        if (!name.success) throw new SandboxError("terminal-not-found", params["name"]);
        return { status: 200, body: await sandboxes.closeTerminal(params["id"] ?? "", name.data) };
      },
    },
    {
      method: "POST",
      path: "/v1/sandboxes/:id/watchers/end",
      handle: async ({ params, body }) => {
        watchers.end(params["id"] ?? "", (await body(watchersEndSchema)).share);
        return { status: 204 };
      },
    },
    {
      method: "GET",
      path: "/v1/users/:id/journal",
      handle: ({ params }) => {
        const entries = store.journal.exportJournals(userIdOf(params));
        return {
          lines: async (write) => {
            for await (const entry of entries) write(lineOf(entry));
          },
        };
      },
    },
    {
      method: "DELETE",
      path: "/v1/users/:id/journal",
      handle: async ({ params }) => {
        await store.journal.eraseJournals(userIdOf(params));
        return { status: 204 };
      },
    },
    {
      method: "POST",
      path: "/v1/tickets",
      handle: async ({ body }) => {
        const wanted = await body(ticketCreateSchema);
        const view = await find(parts, wanted.sandboxId);
        // Another user's sandbox is not there.
        if (view.userId !== wanted.userId) throw new SandboxError("sandbox-not-found");
        return { status: 201, body: tickets.issue(wanted) };
      },
    },
    {
      method: "GET",
      path: "/v1/verdicts",
      handle: ({ query }) => {
        const { after } = query(verdictsQuerySchema);
        return { lines: (write, signal) => verdicts.read(after, write, signal) };
      },
    },
  ];
}

/** @throws SandboxError `bad-request` */
function userIdOf({ id }: Readonly<Record<string, string>>): string {
  const parsed = z.uuid().safeParse(id);
  if (!parsed.success) throw new SandboxError("bad-request", "user id");
  return parsed.data;
}

function lineOf({ createdAt, mark, data, ...entry }: ExportedEntry): JournalLine {
  return {
    ...entry,
    createdAt: createdAt.toISOString(),
    mark: mark ?? null,
    data: Buffer.from(data).toString("base64"),
  };
}

async function find({ sandboxes, store }: ApiParts, id: string): Promise<SandboxView> {
  const live = sandboxes.find(id);
  if (live) return viewOf(live);
  const stored = await store.findSandbox(id);
  if (!stored) throw new SandboxError("sandbox-not-found");
  return stored;
}

/** What is live is told from memory: the store is a moment behind. */
async function list(
  { sandboxes, store }: ApiParts,
  query: { userId?: string; active?: "1"; limit: number },
): Promise<SandboxView[]> {
  const live = sandboxes.views().filter((view) => query.userId === undefined || view.userId === query.userId);
  if (query.active === "1") {
    return newestFirst(live.filter((view) => view.state.phase !== "stopped")).slice(0, query.limit);
  }
  const known = new Set(live.map((view) => view.id));
  const stored = await store.listSandboxes(query);
  return newestFirst([...live, ...stored.filter((view) => !known.has(view.id))]).slice(0, query.limit);
}

function newestFirst(views: readonly SandboxView[]): SandboxView[] {
  return [...views].sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
}
