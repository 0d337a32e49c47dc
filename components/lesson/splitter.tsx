"use client";

import { useSyncExternalStore, type KeyboardEvent, type PointerEvent } from "react";
import { t } from "../ui/text";
import { PaneStore, SPLIT } from "./pane-store";
import { useWorkspace } from "./workspace-context";

const STEP = 2;

/** The line between prose and workbench: drag it, or move it with the arrow keys. */
export function Splitter() {
  const { panes } = useWorkspace();
  const { split } = useSyncExternalStore(panes.subscribe, panes.get, PaneStore.initial);

  function onKeyDown(event: KeyboardEvent) {
    const moves: Record<string, number> = {
      ArrowLeft: split - STEP,
      ArrowRight: split + STEP,
      Home: SPLIT.least,
      End: SPLIT.most,
    };
    const to = moves[event.key];
    if (to === undefined) return;
    event.preventDefault();
    panes.setSplit(to);
  }

  function onPointerMove(event: PointerEvent<HTMLDivElement>) {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
    const frame = event.currentTarget.closest("[data-workspace]")?.getBoundingClientRect();
    if (frame) panes.setSplit(((event.clientX - frame.left) / frame.width) * 100);
  }

  return (
    <div
      role="separator"
      aria-orientation="vertical"
      aria-label={t("panes.split")}
      aria-valuemin={SPLIT.least}
      aria-valuemax={SPLIT.most}
      aria-valuenow={Math.round(split)}
      tabIndex={0}
      className="group absolute inset-y-0 left-0 z-10 hidden w-px cursor-col-resize touch-none bg-line md:block"
      onKeyDown={onKeyDown}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={onPointerMove}
      onDoubleClick={() => panes.setSplit(SPLIT.usual)}
    >
      <span
        aria-hidden="true"
        className="absolute inset-y-0 -left-1 w-2 transition-colors group-hover:bg-sea/30 group-active:bg-sea/50"
      />
    </div>
  );
}
