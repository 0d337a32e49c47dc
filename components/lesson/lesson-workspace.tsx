"use client";

import { BookOpen, SquareTerminal, type LucideIcon } from "lucide-react";
import { useEffect, useState, useSyncExternalStore, type CSSProperties, type ReactNode } from "react";
import { httpSandboxApi } from "../terminal/sandbox-api";
import { ClusterStore } from "../terminal/cluster-store";
import { LifetimeStore } from "../terminal/lifetime-store";
import { SandboxSession } from "../terminal/sandbox-session";
import { openWebSocket } from "../terminal/socket";
import { TerminalPane } from "../terminal/terminal-pane";
import { browserTimers } from "../terminal/timers";
import { t } from "../ui/text";
import { httpLessonApi } from "./lesson-api";
import { LessonHeader } from "./lesson-header";
import { LessonStore } from "./lesson-store";
import type { LessonView } from "./lesson-view";
import { PaneStore, type Pane } from "./pane-store";
import { Splitter } from "./splitter";
import { WorkspaceProvider, type Workspace } from "./workspace-context";

/** A lesson and the workbench beside it. The prose comes in as children, already rendered. */
export function LessonWorkspace({ lesson, children }: { lesson: LessonView; children: ReactNode }) {
  const [workspace] = useState(() => createWorkspace(lesson));
  useEffect(() => openWorkspace(workspace), [workspace]);
  const { shown, split } = useSyncExternalStore(workspace.panes.subscribe, workspace.panes.get, PaneStore.initial);
  const style: CSSProperties & Record<"--split", string> = { "--split": `${split}%` };
  const hiddenOnPhone = (pane: Pane) => (shown === pane ? "" : "max-md:hidden");

  return (
    <WorkspaceProvider value={workspace}>
      <div className="flex h-dvh flex-col">
        <LessonHeader />
        <div className="flex min-h-0 flex-1" style={style} data-workspace="">
          <main
            id="main"
            tabIndex={-1}
            className={`min-w-0 overflow-y-auto overscroll-contain outline-none max-md:flex-1 md:w-[var(--split)] md:shrink-0 ${hiddenOnPhone("read")}`}
          >
            {children}
          </main>
          <section
            aria-label={t("terminal.label")}
            className={`relative flex min-w-0 flex-1 flex-col ${hiddenOnPhone("terminal")}`}
          >
            <Splitter />
            <TerminalPane />
          </section>
        </div>
        <nav aria-label={t("panes.label")} className="flex border-t border-line bg-surface md:hidden">
          <PaneButton pane="read" icon={BookOpen} label={t("panes.read")} shown={shown} panes={workspace.panes} />
          <PaneButton
            pane="terminal"
            icon={SquareTerminal}
            label={t("panes.terminal")}
            shown={shown}
            panes={workspace.panes}
          />
        </nav>
      </div>
    </WorkspaceProvider>
  );
}

function PaneButton(props: { pane: Pane; icon: LucideIcon; label: string; shown: Pane; panes: PaneStore }) {
  const active = props.shown === props.pane;
  const Icon = props.icon;
  return (
    <button
      type="button"
      aria-pressed={active}
      onClick={() => props.panes.show(props.pane)}
      className={`flex min-h-14 flex-1 flex-col items-center justify-center gap-1 text-12 font-medium ${active ? "text-sea" : "text-muted"}`}
    >
      <Icon size={20} strokeWidth={1.5} aria-hidden="true" />
      {props.label}
    </button>
  );
}

function createWorkspace(lesson: LessonView): Workspace {
  const store = new LessonStore(lesson, httpLessonApi);
  const cluster = new ClusterStore();
  const session = new SandboxSession({
    lessonId: lesson.id,
    api: httpSandboxApi,
    open: openWebSocket,
    timers: browserTimers,
    onVerdicts: (verdicts) => store.applyVerdicts(verdicts),
    cluster: () => cluster.get().chosen,
  });
  return { lesson, store, session, panes: new PaneStore(), lifetime: new LifetimeStore(browserTimers), cluster };
}

/** Asks for what is personal and takes up a sandbox that is there already; undone when the page goes. */
function openWorkspace({ lesson, store, session, panes, lifetime, cluster }: Workspace): () => void {
  panes.restore();
  void store.load().then((personal) => {
    if (personal) cluster.offer(personal.clusters);
    if (personal?.sandbox?.lesson.lessonId === lesson.id) session.resume(personal.sandbox);
  });
  const retry = () => session.retryNow();
  addEventListener("online", retry);
  // The first sandbox makes a guest of somebody nobody knew.
  const forget = session.subscribe(() => {
    const sandbox = session.getSandbox();
    if (sandbox) store.meetViewer();
    lifetime.follow(sandbox);
  });
  return () => {
    forget();
    lifetime.stop();
    removeEventListener("online", retry);
    session.dispose();
  };
}
