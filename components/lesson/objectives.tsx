import { keyFor, t } from "../ui/text";
import type { LessonView } from "./lesson-view";

export function Objectives({ lesson }: { lesson: LessonView }) {
  return (
    <div className="not-prose my-8 border-y border-line py-4 font-sans text-14">
      <p className="text-muted">
        {t("course.minutes", { minutes: lesson.minutes })}
        {t("list.separator")}
        {t(keyFor("difficulty", lesson.difficulty, "difficulty.other"))}
      </p>
      <p className="mt-3 font-semibold">{t("lesson.objectives")}</p>
      <ul className="mt-1 grid gap-1">
        {lesson.objectives.map((objective) => (
          <li key={objective} className="flex gap-2">
            <span aria-hidden="true" className="mt-[9px] h-px w-3 shrink-0 bg-muted" />
            {objective}
          </li>
        ))}
      </ul>
    </div>
  );
}
