"use client";

import { Power } from "lucide-react";
import { useState } from "react";
import { useWorkspace } from "../lesson/workspace-context";
import { IconButton } from "../ui/button";
import { Question } from "../ui/question";
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
  const [failed, setFailed] = useState(false);

  async function stop(close: () => void) {
    if (await session.stop()) close();
    else setFailed(true);
  }

  return (
    <Question
      title={t("terminal.stop.title")}
      failed={failed ? t("terminal.stop.failed") : undefined}
      onClose={onClose}
      cancel={t("terminal.stop.cancel")}
      answer={t("terminal.stop.confirm")}
      onAnswer={(close) => void stop(close)}
    >
      <p className="mt-3 text-muted">{t("terminal.stop.text")}</p>
    </Question>
  );
}
