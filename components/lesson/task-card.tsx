"use client";

import { Anchor, Circle, CircleCheck } from "lucide-react";
import { useState } from "react";
import { formatCheckMessage } from "@/sandbox/protocol/check-messages";
import type { TaskVerdict } from "@/sandbox/protocol/verdict";
import { clock } from "../ui/clock";
import { InlineText } from "../ui/inline-text";
import { t } from "../ui/text";
import { BackToTask } from "./back-to-task";
import type { TaskView } from "./lesson-view";
import { useLessonState, useWorkspace } from "./workspace-context";

/** An entry in the logbook of a lesson: what to reach, whether it is reached, and if not, why not yet. */
export function TaskCard({ id }: { id: string }) {
  const { lesson } = useWorkspace();
  const { done, verdicts } = useLessonState();
  const index = lesson.tasks.findIndex((task) => task.id === id);
  const task = lesson.tasks[index];
  if (!task) return null;
  const doneAt = done[id];
  const active = lesson.tasks.find((each) => done[each.id] === undefined)?.id === id;
  const label = t("task.number", { number: index + 1, total: lesson.tasks.length });

  if (doneAt !== undefined) {
    return (
      <section aria-label={label} data-task={id} data-state="done" className="task-card not-prose" data-look="done">
        <CircleCheck size={20} strokeWidth={1.75} className="task-mark text-kelp" aria-hidden />
        <p className="flex flex-wrap items-baseline gap-x-3">
          <span className="font-semibold">{task.title}</span>
          <span className="text-kelp" role="status">
            {t("task.doneAt", { time: clock(doneAt) })}
          </span>
        </p>
        <BackToTask task={task} />
      </section>
    );
  }
  return (
    <section
      aria-label={label}
      data-task={id}
      data-state="open"
      className="task-card not-prose"
      data-look={active ? "active" : "open"}
    >
      {active ? (
        <Anchor size={20} strokeWidth={1.75} className="task-mark text-buoy" aria-hidden />
      ) : (
        <Circle size={20} strokeWidth={1.5} className="task-mark text-muted" aria-hidden />
      )}
      <p className={`text-12 font-semibold ${active ? "text-buoy" : "text-muted"}`}>{label}</p>
      <p className="mt-1 text-16 font-semibold">{task.title}</p>
      <p className="mt-1 text-muted" role="status">
        <NotYet verdict={verdicts[id]} />
      </p>
      <Hints task={task} />
      <BackToTask task={task} />
    </section>
  );
}

function NotYet({ verdict }: { verdict: TaskVerdict | undefined }) {
  if (!verdict) return t("task.waiting");
  if (!verdict.message) return t("task.notYet");
  return (
    <>
      {t("task.notYetBecause")} <InlineText text={formatCheckMessage(verdict.message)} />
    </>
  );
}

/** Hints, one more each time: from a nudge to the answer. */
function Hints({ task }: { task: TaskView }) {
  const [shown, setShown] = useState(0);
  if (task.hints.length === 0) return null;
  return (
    <div className="mt-3" aria-live="polite">
      {shown > 0 ? (
        <ol className="mb-2 grid gap-2 border-l-2 border-line pl-3">
          {task.hints.slice(0, shown).map((hint) => (
            <li key={hint}>
              <InlineText text={hint} />
            </li>
          ))}
        </ol>
      ) : null}
      {shown < task.hints.length ? (
        <button
          type="button"
          className="rounded-input py-1 font-medium text-sea underline-offset-4 hover:underline"
          onClick={() => setShown(shown + 1)}
        >
          {shown === 0 ? t("task.hint") : t("task.nextHint")}
        </button>
      ) : null}
    </div>
  );
}
