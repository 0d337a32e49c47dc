import { Circle, CircleDot, LoaderCircle, Unplug } from "lucide-react";
import type { Driver } from "@/sandbox/protocol/sandbox-view";
import { t, type MessageKey } from "../ui/text";
import type { Tabs } from "./sandbox-session";
import { ServicesMenu } from "./services-menu";
import type { SessionState } from "./session-state";
import { ShareTerminal } from "./share-terminal";
import { StopSandbox } from "./stop-sandbox";
import { TerminalTabs } from "./terminal-tabs";

/** One line over the terminal: which terminals there are, and how the one in front is. */
export function TerminalBar({
  state,
  tabs,
  sandboxId,
  driver = "simulated",
}: {
  state: SessionState;
  tabs: Tabs;
  sandboxId?: string;
  driver?: Driver;
}) {
  return (
    <div className="flex h-10 shrink-0 items-center gap-3 max-md:gap-1 border-b border-line pr-4 pl-1 text-12 text-muted">
      <TerminalTabs tabs={tabs} />
      <span className="ml-auto" />
      {driver === "simulated" ? null : (
        <span className="shrink-0 rounded-card border border-line px-2" title={t(`terminal.driver.${driver}.about`)}>
          {t(`terminal.driver.${driver}`)}
        </span>
      )}
      {sandboxId === undefined ? null : (
        <>
          <ServicesMenu key={sandboxId} sandboxId={sandboxId} />
          <ShareTerminal key={`share-${sandboxId}`} sandboxId={sandboxId} terminal={tabs.active} />
          <StopSandbox />
        </>
      )}
      <span role="status" className="flex shrink-0 items-center gap-2">
        <StateIcon phase={state.phase} />
        <span className={state.phase === "live" ? "max-md:sr-only" : ""}>{t(WORDS[state.phase])}</span>
      </span>
    </div>
  );
}

const WORDS: Record<SessionState["phase"], MessageKey> = {
  idle: "terminal.state.idle",
  asking: "terminal.state.starting",
  queued: "terminal.state.queued",
  starting: "terminal.state.starting",
  attaching: "terminal.state.attaching",
  live: "terminal.state.live",
  reconnecting: "terminal.state.reconnecting",
  exited: "terminal.state.exited",
  stopped: "terminal.state.stopped",
  refused: "terminal.state.refused",
};

function StateIcon({ phase }: { phase: SessionState["phase"] }) {
  const look = { size: 14, strokeWidth: 1.75, "aria-hidden": true } as const;
  switch (phase) {
    case "live":
      return <CircleDot {...look} className="text-kelp" />;
    case "asking":
    case "queued":
    case "starting":
    case "attaching":
      return <LoaderCircle {...look} className="animate-spin text-buoy" />;
    case "reconnecting":
      return <Unplug {...look} className="text-sand" />;
    case "stopped":
    case "refused":
    case "exited":
    case "idle":
      return <Circle {...look} />;
  }
}
