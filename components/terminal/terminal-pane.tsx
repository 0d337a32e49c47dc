"use client";

import "@xterm/xterm/css/xterm.css";
import { useEffect, useRef } from "react";
import { useSessionState, useWorkspace } from "../lesson/workspace-context";
import { t } from "../ui/text";
import type { SandboxSession } from "./sandbox-session";
import { canStart } from "./session-state";
import { TerminalBar } from "./terminal-bar";
import { TerminalOverlay } from "./terminal-overlay";
import { XtermScreen } from "./xterm-screen";

/** The learner's terminal: dark in both themes, like night water beside the page. */
export function TerminalPane() {
  const { session } = useWorkspace();
  const state = useSessionState();
  const element = useRef<HTMLDivElement>(null);
  const screen = useRef<XtermScreen | undefined>(undefined);

  useEffect(() => {
    if (!element.current) return;
    return mountTerminal(element.current, session, (opened) => {
      screen.current = opened;
    });
  }, [session]);

  const covered = canStart(state) || state.phase === "asking" || state.phase === "queued" || state.phase === "starting";
  return (
    <div data-theme="dark" className="flex min-h-0 flex-1 flex-col bg-surface text-ink" data-phase={state.phase}>
      <TerminalBar state={state} />
      <div className="relative min-h-0 flex-1">
        <div
          ref={element}
          className={`slipway-terminal absolute inset-0 py-2 pl-3 transition-opacity ${covered ? "opacity-0" : "opacity-100"}`}
        />
        <TerminalOverlay
          state={state}
          onStart={() => {
            void session.start();
            screen.current?.focus();
          }}
          onNewShell={() => {
            session.newShell();
            screen.current?.focus();
          }}
          onFocus={() => screen.current?.focus()}
        />
      </div>
    </div>
  );
}

/** Loads xterm, hands it to the session; the result undoes both. */
function mountTerminal(
  element: HTMLElement,
  session: SandboxSession,
  onOpen: (screen: XtermScreen | undefined) => void,
): () => void {
  const abort = new AbortController();
  let opened: XtermScreen | undefined;
  void XtermScreen.open(
    element,
    {
      label: t("terminal.input"),
      onData: (text) => session.fromEmulator(text),
      onSize: (size) => session.resize(size),
      onFocus: (focused) => session.focus(focused),
      confirmLink: (url) => confirm(t("terminal.confirmLink", { url })),
    },
    abort.signal,
  ).then((screen) => {
    if (!screen) return;
    opened = screen;
    onOpen(screen);
    session.setScreen(screen);
  });
  return () => {
    abort.abort();
    onOpen(undefined);
    session.setScreen(undefined);
    opened?.dispose();
  };
}
