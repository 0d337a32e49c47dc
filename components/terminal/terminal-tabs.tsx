"use client";

import { Plus, X } from "lucide-react";
import type { KeyboardEvent } from "react";
import type { TerminalName } from "@/sandbox/protocol/sandbox-view";
import { useWorkspace } from "../lesson/workspace-context";
import { IconButton } from "../ui/button";
import { t } from "../ui/text";
import type { Tabs } from "./sandbox-session";

/** The element that a tab shows. */
export function panelIdOf(name: TerminalName): string {
  return `terminal-${name}`;
}

/** The terminals of a sandbox as tabs: arrows move between them, Delete closes one. */
export function TerminalTabs({ tabs }: { tabs: Tabs }) {
  const { session } = useWorkspace();
  const { names, active, more } = tabs;

  function onKeyDown(event: KeyboardEvent<HTMLDivElement>) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const next = step && names[(names.indexOf(active) + step + names.length) % names.length];
    if (event.key === "Delete") void session.closeTab(active);
    else if (!next) return;
    else session.select(next);
    event.preventDefault();
    // The tab that is in front now has the focus; it is drawn by then.
    const list = event.currentTarget;
    requestAnimationFrame(() => list.querySelector<HTMLElement>('[aria-selected="true"]')?.focus());
  }

  return (
    <div className="flex min-w-0 items-center gap-1">
      <div role="tablist" aria-label={t("terminal.tabs")} onKeyDown={onKeyDown} className="flex min-w-0">
        {names.map((name) => (
          <Tab key={name} name={name} active={name === active} />
        ))}
      </div>
      {active === "main" ? null : (
        <IconButton
          label={t("terminal.close", { number: active })}
          className="size-8"
          onClick={() => void session.closeTab(active)}
        >
          <X size={14} strokeWidth={1.5} aria-hidden />
        </IconButton>
      )}
      {more ? (
        <IconButton label={t("terminal.open")} className="size-8" onClick={() => session.openTab()}>
          <Plus size={16} strokeWidth={1.5} aria-hidden />
        </IconButton>
      ) : null}
    </div>
  );
}

function Tab({ name, active }: { name: TerminalName; active: boolean }) {
  const { session } = useWorkspace();
  return (
    <button
      type="button"
      role="tab"
      aria-selected={active}
      aria-controls={panelIdOf(name)}
      tabIndex={active ? 0 : -1}
      onClick={() => session.select(name)}
      className={`h-10 border-b-2 px-3 font-medium whitespace-nowrap ${active ? "border-sea text-ink" : "border-transparent text-muted hover:text-ink"}`}
    >
      {t("terminal.name", { number: name === "main" ? 1 : name })}
    </button>
  );
}
