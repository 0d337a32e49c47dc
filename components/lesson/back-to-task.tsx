"use client";

import { History } from "lucide-react";
import { useEffect, useId, useRef, useState, useSyncExternalStore } from "react";
import type { SandboxSession } from "../terminal/sandbox-session";
import { Button } from "../ui/button";
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
      {asking ? <BackDialog task={task} session={session} onClose={() => setAsking(false)} /> : null}
    </>
  );
}

function BackDialog(props: { task: TaskView; session: SandboxSession; onClose: () => void }) {
  const { task, session, onClose } = props;
  const { panes } = useWorkspace();
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => dialog.current?.showModal(), []);
  function goBack() {
    dialog.current?.close();
    panes.show("terminal");
    void session.backTo(task.id);
  }
  return (
    <dialog
      ref={dialog}
      aria-labelledby={titleId}
      onClose={onClose}
      className="m-auto w-[min(440px,calc(100vw-32px))] rounded-card border border-line bg-surface p-6 text-14 text-ink shadow-float backdrop:bg-[rgb(0_0_0/0.4)]"
    >
      <h2 id={titleId} className="font-serif text-22 font-semibold">
        {t("task.back.title", { task: task.title })}
      </h2>
      <p className="mt-3 text-muted">{t("task.back.text")}</p>
      <div className="mt-5 flex flex-wrap justify-end gap-3">
        <Button onClick={() => dialog.current?.close()}>{t("task.back.cancel")}</Button>
        <Button look="danger" onClick={goBack}>
          {t("task.back.confirm")}
        </Button>
      </div>
    </dialog>
  );
}
