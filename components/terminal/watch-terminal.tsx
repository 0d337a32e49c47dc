"use client";

import "@xterm/xterm/css/xterm.css";

import { Eye } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { clock } from "../ui/clock";
import { t } from "../ui/text";
import { shareApi } from "./share-api";
import { openWebSocket } from "./socket";
import { browserTimers } from "./timers";
import { WatchSession, type WatchState } from "./watch-session";
import { XtermScreen } from "./xterm-screen";

/** Somebody else's terminal, to look at. The link's token is behind the `#`, so that no log and no other site gets it. */
export function WatchTerminal() {
  const element = useRef<HTMLDivElement>(null);
  const [state, setState] = useState<WatchState>({ phase: "asking" });
  useEffect(() => (element.current ? mount(element.current, setState) : undefined), []);
  return (
    <main id="main" className="flex min-h-0 flex-1 flex-col">
      <div className="flex flex-wrap items-baseline gap-x-4 gap-y-1 px-4 py-3">
        <h1 className="font-serif text-22 font-semibold">{t("watch.title")}</h1>
        <p role="status" className="flex items-center gap-2 text-14 text-muted">
          <Eye size={16} strokeWidth={1.5} aria-hidden />
          {wordsOf(state)}
        </p>
      </div>
      <div data-theme="dark" className="relative min-h-0 flex-1 bg-surface text-ink">
        <div
          ref={element}
          data-terminal="watched"
          className={`slipway-terminal absolute inset-0 overflow-auto py-2 pl-3 ${state.phase === "ended" ? "opacity-40" : ""}`}
        />
      </div>
    </main>
  );
}

function wordsOf(state: WatchState): string {
  switch (state.phase) {
    case "asking":
      return t("watch.asking");
    case "live":
      return t("watch.live", { time: clock(state.watched.expiresAt) });
    case "reconnecting":
      return t("watch.reconnecting");
    case "ended":
      return t("watch.ended");
  }
}

function mount(element: HTMLElement, onState: (state: WatchState) => void): () => void {
  const abort = new AbortController();
  const token = location.hash.slice(1);
  let opened: XtermScreen | undefined;
  let session: WatchSession | undefined;
  const handlers = {
    label: t("watch.title"),
    onData: () => undefined,
    onSize: () => undefined,
    onFocus: () => undefined,
    confirmLink: (url: string) => confirm(t("terminal.confirmLink", { url })),
    watches: true,
  };
  void XtermScreen.open(element, handlers, abort.signal).then((screen) => {
    if (!screen) return;
    opened = screen;
    session = new WatchSession({
      token,
      screen,
      ask: shareApi.watch,
      open: openWebSocket,
      timers: browserTimers,
      onState,
    });
    void session.start();
  });
  return () => {
    abort.abort();
    session?.stop();
    opened?.dispose();
  };
}
