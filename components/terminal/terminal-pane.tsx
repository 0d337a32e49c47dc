"use client";

import "@xterm/xterm/css/xterm.css";

import { useEffect, useRef, useSyncExternalStore } from "react";
import type { TerminalName } from "@/sandbox/protocol/sandbox-view";
import { useSessionState, useWorkspace } from "../lesson/workspace-context";
import { t } from "../ui/text";
import { LifetimeStrip } from "./lifetime-strip";
import { SandboxSession } from "./sandbox-session";
import { canStart } from "./session-state";
import { TerminalBar } from "./terminal-bar";
import { TerminalOverlay } from "./terminal-overlay";
import type { TerminalTab } from "./terminal-tab";
import { panelIdOf } from "./terminal-tabs";
import { XtermScreen } from "./xterm-screen";

/** The learner's terminals: dark in both themes, like night water beside the page. */
export function TerminalPane() {
  const { session } = useWorkspace();
  const state = useSessionState();
  const tabs = useSyncExternalStore(session.subscribe, session.getTabs, SandboxSession.initialTabs);
  const screens = useRef(new Map<TerminalName, XtermScreen>());
  const focus = () => screens.current.get(tabs.active)?.focus();

  const covered = canStart(state) || state.phase === "asking" || state.phase === "queued" || state.phase === "starting";
  return (
    <div data-theme="dark" className="flex min-h-0 flex-1 flex-col bg-surface text-ink" data-phase={state.phase}>
      <TerminalBar
        state={state}
        tabs={tabs}
        sandboxId={readySandboxId(session)}
        driver={session.getSandbox()?.driver}
      />
      <div className="relative min-h-0 flex-1">
        {tabs.names.map((name) => (
          <TerminalView
            key={name}
            tab={session.tab(name)}
            look={name !== tabs.active ? "invisible" : covered ? "opacity-0" : "opacity-100"}
            onOpen={(screen) => {
              if (screen) screens.current.set(name, screen);
              else screens.current.delete(name);
            }}
          />
        ))}
        <TerminalOverlay
          state={state}
          sandbox={session.getSandbox()}
          onStart={() => {
            void session.start();
            focus();
          }}
          onNewShell={() => {
            session.tab(tabs.active).newShell();
            focus();
          }}
          onFocus={focus}
          onLeave={() => void session.stop()}
        />
        <LifetimeStrip />
      </div>
    </div>
  );
}

function readySandboxId(session: SandboxSession): string | undefined {
  const sandbox = session.getSandbox();
  return sandbox?.state.phase === "ready" ? sandbox.id : undefined;
}

/** One terminal's screen; those behind keep their size and go on drawing. */
function TerminalView(props: { tab: TerminalTab; look: string; onOpen: (screen: XtermScreen | undefined) => void }) {
  const { tab, onOpen } = props;
  const element = useRef<HTMLDivElement>(null);
  const opened = useRef(onOpen);
  useEffect(() => {
    if (!element.current) return;
    return mountTerminal(element.current, tab, (screen) => opened.current(screen));
  }, [tab]);
  const panel = { role: "tabpanel", id: panelIdOf(tab.name), "aria-label": nameOf(tab) };
  return (
    <div {...panel} className={`absolute inset-0 transition-opacity ${props.look}`}>
      <div ref={element} data-terminal={tab.name} className="slipway-terminal absolute inset-0 py-2 pl-3" />
    </div>
  );
}

function nameOf({ name }: TerminalTab): string {
  return t("terminal.name", { number: name === "main" ? 1 : name });
}

/** Loads xterm, hands it to the terminal; the result undoes both. */
function mountTerminal(
  element: HTMLElement,
  tab: TerminalTab,
  onOpen: (screen: XtermScreen | undefined) => void,
): () => void {
  const abort = new AbortController();
  let opened: XtermScreen | undefined;
  const label = tab.name === "main" ? t("terminal.input") : t("terminal.inputOf", { number: tab.name });
  void XtermScreen.open(
    element,
    {
      label,
      onData: (text) => tab.fromEmulator(text),
      onSize: (size) => tab.resize(size),
      onFocus: (focused) => tab.focus(focused),
      confirmLink: (url) => confirm(t("terminal.confirmLink", { url })),
    },
    abort.signal,
  ).then((screen) => {
    if (!screen) return;
    opened = screen;
    onOpen(screen);
    tab.setScreen(screen);
    if (tab.name !== "main") screen.focus();
  });
  return () => {
    abort.abort();
    onOpen(undefined);
    tab.setScreen(undefined);
    opened?.dispose();
  };
}
