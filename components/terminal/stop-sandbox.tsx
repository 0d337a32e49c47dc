"use client";

import { Power } from "lucide-react";
import { useEffect, useId, useRef, useState } from "react";
import { useWorkspace } from "../lesson/workspace-context";
import { Button, IconButton } from "../ui/button";
import { t } from "../ui/text";

/** The learner's own way to end their sandbox; says first what is kept. */
export function StopSandbox() {
  const [asking, setAsking] = useState(false);
  return (
    <>
      <IconButton label={t("terminal.stop")} className="size-8" onClick={() => setAsking(true)}>
        <Power size={14} strokeWidth={1.5} aria-hidden />
      </IconButton>
      {asking ? <StopQuestion onClose={() => setAsking(false)} /> : null}
    </>
  );
}

function StopQuestion({ onClose }: { onClose: () => void }) {
  const { session } = useWorkspace();
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  const [failed, setFailed] = useState(false);
  useEffect(() => dialog.current?.showModal(), []);

  async function stop() {
    if (await session.stop()) dialog.current?.close();
    else setFailed(true);
  }

  return (
    <dialog
      ref={dialog}
      aria-labelledby={titleId}
      onClose={onClose}
      className="m-auto w-[min(440px,calc(100vw-32px))] rounded-card border border-line bg-surface p-6 text-14 text-ink shadow-float backdrop:bg-[rgb(0_0_0/0.4)]"
    >
      <h2 id={titleId} className="font-serif text-22 font-semibold">
        {t("terminal.stop.title")}
      </h2>
      <p className="mt-3 text-muted">{t("terminal.stop.text")}</p>
      {failed ? (
        <p role="alert" className="mt-3 text-flare">
          {t("terminal.stop.failed")}
        </p>
      ) : null}
      <div className="mt-5 flex flex-wrap justify-end gap-3">
        <Button onClick={() => dialog.current?.close()}>{t("terminal.stop.cancel")}</Button>
        <Button look="danger" onClick={() => void stop()}>
          {t("terminal.stop.confirm")}
        </Button>
      </div>
    </dialog>
  );
}
