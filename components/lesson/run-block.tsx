"use client";

import { Check, Copy, CornerDownLeft } from "lucide-react";
import { useRef, useState } from "react";
import { t } from "../ui/text";
import { useWorkspace } from "./workspace-context";

/** How long a button stays out of reach after it was pressed, so that nothing runs twice by accident. */
const REST_MS = 2_000;

interface RunBlockProps {
  readonly command: string;
  /** The lesson shows the command because it does not work; the verification of lessons counts on it. */
  readonly fails?: boolean;
}

/** A command of the lesson: typed into the terminal with one click, or copied. */
export function RunBlock({ command }: RunBlockProps) {
  const { session, panes } = useWorkspace();
  const ran = useRestingFlag();
  const copied = useRestingFlag();
  const [everRan, setEverRan] = useState(false);

  function run() {
    if (ran.on) return;
    ran.raise();
    setEverRan(true);
    panes.show("terminal");
    session.run(command);
  }

  async function copy() {
    await navigator.clipboard.writeText(command);
    copied.raise();
  }

  return (
    <div className="run-block not-prose">
      <pre>
        <Command text={command} />
      </pre>
      <div className="flex shrink-0 items-center self-start p-1.5">
        <button
          type="button"
          className="run-button run-button-late"
          onClick={() => void copy()}
          aria-label={copied.on ? t("run.copied") : t("run.copyLabel", { command })}
          title={t("run.copy")}
        >
          {copied.on ? (
            <Check size={14} strokeWidth={1.75} aria-hidden />
          ) : (
            <Copy size={14} strokeWidth={1.5} aria-hidden />
          )}
        </button>
        <button
          type="button"
          className="run-button"
          onClick={run}
          aria-disabled={ran.on}
          aria-label={t("run.runLabel", { command })}
        >
          {ran.on ? (
            <Check size={14} strokeWidth={1.75} className="text-kelp" aria-hidden />
          ) : (
            <CornerDownLeft size={14} strokeWidth={1.5} aria-hidden />
          )}
          {ran.on ? t("run.sent") : everRan ? t("run.again") : t("run.run")}
        </button>
      </div>
    </div>
  );
}

/** Breaks lines between words only, so that no flag is torn apart. */
function Command({ text }: { text: string }) {
  return (
    <code>
      {text.split(/(\s+)/).map((part, index) =>
        part.trim() === "" ? (
          part
        ) : (
          <span key={index} className="inline-block max-w-full">
            {part}
          </span>
        ),
      )}
    </code>
  );
}

/** True for a short while after `raise`. */
function useRestingFlag(): { on: boolean; raise: () => void } {
  const [on, setOn] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  function raise() {
    clearTimeout(timer.current);
    setOn(true);
    timer.current = setTimeout(() => setOn(false), REST_MS);
  }
  return { on, raise };
}
