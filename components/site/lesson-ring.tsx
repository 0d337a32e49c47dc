"use client";

import { Check } from "lucide-react";
import { useSyncExternalStore } from "react";
import { t } from "../ui/text";
import { courseProgressStore } from "./course-progress-store";

const RADIUS = 14;
const LENGTH = 2 * Math.PI * RADIUS;

/** How much of a lesson is done: a ring, a number and, when all is done, a tick. Empty until it is known. */
export function LessonRing(props: { courseId: string; lessonId: string }) {
  const store = courseProgressStore(props.courseId);
  const progress = useSyncExternalStore(store.subscribe, store.get, () => undefined);
  const lesson = progress?.lessons[props.lessonId];
  if (!lesson || lesson.total === 0) return null;
  const part = lesson.done / lesson.total;
  const label = lesson.complete ? t("course.done") : t("course.partDone", { done: lesson.done, total: lesson.total });
  return (
    <span
      role="img"
      aria-label={label}
      title={label}
      className="relative inline-flex size-9 items-center justify-center"
    >
      <svg width="36" height="36" viewBox="0 0 36 36" className="-rotate-90" aria-hidden="true">
        <circle cx="18" cy="18" r={RADIUS} fill="none" stroke="var(--line)" strokeWidth="3" />
        <circle
          cx="18"
          cy="18"
          r={RADIUS}
          fill="none"
          stroke={lesson.complete ? "var(--kelp)" : "var(--buoy)"}
          strokeWidth="3"
          strokeLinecap="round"
          strokeDasharray={`${part * LENGTH} ${LENGTH}`}
        />
      </svg>
      {lesson.complete ? (
        <Check size={16} strokeWidth={2} className="absolute text-kelp" aria-hidden="true" />
      ) : (
        <span className="absolute text-12 font-medium">{lesson.done}</span>
      )}
    </span>
  );
}
