"use client";

import { useState } from "react";
import { Button } from "../ui/button";
import { keyFor, t, type MessageKey } from "../ui/text";
import type { AdminSandboxRow } from "./admin-view";
import { duration } from "./duration";
import { StopDialog } from "./stop-dialog";
import { whoIs } from "./who-is";

const COLUMNS: readonly MessageKey[] = [
  "admin.column.who",
  "admin.column.lesson",
  "admin.column.state",
  "admin.column.age",
  "admin.column.idle",
  "admin.column.driver",
];

export function SandboxTable({ rows, now }: { rows: AdminSandboxRow[]; now: string }) {
  const [stopping, setStopping] = useState<AdminSandboxRow | undefined>(undefined);
  return (
    <>
      <div
        className="relative mt-6 overflow-x-auto rounded-card border border-line bg-surface"
        tabIndex={0}
        role="region"
        aria-label={t("admin.table")}
      >
        <table className="w-full min-w-[720px] text-left text-14">
          <thead>
            <tr className="border-b border-line text-12 text-muted">
              {COLUMNS.map((column) => (
                <th key={column} scope="col" className="px-4 py-2 font-medium">
                  {t(column)}
                </th>
              ))}
              <th scope="col" className="px-4 py-2">
                <span className="sr-only">{t("admin.column.actions")}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <Row key={row.id} row={row} now={now} onStop={() => setStopping(row)} />
            ))}
          </tbody>
        </table>
      </div>
      {stopping ? <StopDialog row={stopping} onClose={() => setStopping(undefined)} /> : null}
    </>
  );
}

function Row({ row, now, onStop }: { row: AdminSandboxRow; now: string; onStop: () => void }) {
  const over = row.state.phase === "stopping" || row.state.phase === "stopped";
  return (
    <tr className="border-b border-line last:border-b-0" data-sandbox={row.id}>
      <th scope="row" className="px-4 py-2 font-medium whitespace-nowrap">
        {whoIs(row)}
      </th>
      <td className="px-4 py-2">{row.lesson}</td>
      <td className="px-4 py-2">
        <State state={row.state} />
      </td>
      <td className="px-4 py-2 whitespace-nowrap tabular-nums">{duration(row.createdAt, now)}</td>
      <td className="px-4 py-2 whitespace-nowrap tabular-nums">{over ? "—" : duration(row.lastActiveAt, now)}</td>
      <td className="px-4 py-2">{t(keyFor("admin.driver", row.driver, "admin.driver.simulated"))}</td>
      <td className="px-4 py-1 text-right">
        {over ? null : (
          <Button look="danger" aria-label={t("admin.stopWhose", { who: whoIs(row) })} onClick={onStop}>
            {t("admin.stop")}
          </Button>
        )}
      </td>
    </tr>
  );
}

function State({ state }: { state: AdminSandboxRow["state"] }) {
  switch (state.phase) {
    case "queued":
      return t("admin.state.queued", { position: state.position });
    case "starting":
      return t("admin.state.starting");
    case "ready":
      return t("admin.state.ready");
    case "stopping":
    case "stopped":
      return (
        <>
          {t(state.phase === "stopped" ? "admin.state.stopped" : "admin.state.stopping")}
          <span className="block text-12 text-muted">{t(keyFor("stopReason", state.reason, "stopReason.other"))}</span>
          {state.cause === undefined ? null : (
            <span className="block max-w-[48ch] text-12 break-words text-muted">{state.cause}</span>
          )}
        </>
      );
  }
}
