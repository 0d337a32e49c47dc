"use client";

import { Hourglass } from "lucide-react";
import { useState, useSyncExternalStore } from "react";
import { useWorkspace } from "../lesson/workspace-context";
import { Button } from "../ui/button";
import { clock } from "../ui/clock";
import { t } from "../ui/text";
import { LifetimeStore } from "./lifetime-store";

/** One sentence in the header: when the sandbox stops, and that nothing is lost. */
export function LifetimeLine() {
  const lifetime = useLifetime();
  if (lifetime.phase === "none") return null;
  const { at, reason } = lifetime.end;
  return (
    <span
      data-lifetime={lifetime.phase}
      className={`truncate text-12 max-lg:sr-only ${lifetime.phase === "soon" ? "text-buoy" : "text-muted"}`}
    >
      {t(`lifetime.${reason}`, { time: clock(at) })}
    </span>
  );
}

/** Over the terminal, while it is soon: what happens, and the way to put it off. */
export function LifetimeStrip() {
  const { session } = useWorkspace();
  const lifetime = useLifetime();
  const [failed, setFailed] = useState(false);
  if (lifetime.phase !== "soon") return null;
  const { at, reason } = lifetime.end;
  return (
    <div
      role="alert"
      className="absolute inset-x-4 top-4 flex flex-wrap items-center gap-x-4 gap-y-2 rounded-card border border-buoy bg-paper px-4 py-3 text-14 shadow-float"
    >
      <Hourglass size={16} strokeWidth={1.5} className="shrink-0 text-buoy" aria-hidden />
      <span className="min-w-0 flex-1 basis-60">
        {t(`lifetime.soon.${reason}`, { time: clock(at) })}
        {failed ? <span className="block text-flare">{t("lifetime.notExtended")}</span> : null}
      </span>
      {reason === "idle" ? (
        <Button onClick={() => void session.extend().then((extended) => setFailed(!extended))}>
          {t("lifetime.extend")}
        </Button>
      ) : null}
    </div>
  );
}

function useLifetime() {
  const { lifetime } = useWorkspace();
  return useSyncExternalStore(lifetime.subscribe, lifetime.get, LifetimeStore.initial);
}
