"use client";

import { History } from "lucide-react";
import { useState, useSyncExternalStore } from "react";
import type { SandboxSession } from "../terminal/sandbox-session";
import { Question } from "../ui/question";
import { t } from "../ui/text";
import type { TaskView } from "./lesson-view";
import { useSessionState, useWorkspace } from "./workspace-context";

/** The way back to how cluster and files were when a task began; there once a sandbox was. */
export function BackToTask({ task }: { task: TaskView }) {
  const { session } = useWorkspace();
  const { phase } = useSessionState();
  const sandbox = useSyncExternalStore(session.subscribe, session.getSandbox, () => undefined);
  const [asking, setAsking] = useState(false);
  if (!sandbox) return null;
  return (
    <>
      <button
        type="button"
        disabled={phase === "asking" || phase === "starting" || phase === "queued"}
        onClick={() => setAsking(true)}
        className="mt-2 inline-flex items-center gap-2 rounded-input py-1 font-medium text-muted underline-offset-4 hover:text-sea hover:underline disabled:opacity-60"
      >
        <History size={14} strokeWidth={1.5} aria-hidden />
        {t("task.backTo")}
      </button>
      {asking ? <BackQuestion task={task} session={session} onClose={() => setAsking(false)} /> : null}
    </>
  );
}

function BackQuestion(props: { task: TaskView; session: SandboxSession; onClose: () => void }) {
  const { task, session, onClose } = props;
  const { panes } = useWorkspace();
  function goBack(close: () => void) {
    close();
    panes.show("terminal");
    void session.backTo(task.id);
  }
  return (
    <Question
      title={t("task.back.title", { task: task.title })}
      onClose={onClose}
      cancel={t("task.back.cancel")}
      answer={t("task.back.confirm")}
      onAnswer={goBack}
    >
      <p className="mt-3 text-muted">{t("task.back.text")}</p>
    </Question>
  );
}
