import Link from "next/link";
import { keyFor, plural, t } from "../ui/text";
import type { LessonCardView } from "./course-view";
import { LessonRing } from "./lesson-ring";

export function LessonCard({ courseId, lesson }: { courseId: string; lesson: LessonCardView }) {
  return (
    <li className="relative rounded-card border border-line bg-surface p-4 transition-colors focus-within:border-sea hover:border-sea md:p-6">
      <div className="flex items-start gap-4">
        <div className="min-w-0 flex-1">
          <h3 className="font-serif text-22 font-semibold">
            <Link href={lesson.href} className="rounded-input after:absolute after:inset-0 after:rounded-card">
              {lesson.title}
            </Link>
          </h3>
          <p className="mt-1 text-14 text-muted">
            {t("course.minutes", { minutes: lesson.minutes })}
            {t("list.separator")}
            {t(keyFor("difficulty", lesson.difficulty, "difficulty.other"))}
            {t("list.separator")}
            {plural("course.tasks", lesson.taskCount)}
          </p>
        </div>
        <LessonRing courseId={courseId} lessonId={lesson.id} />
      </div>
      <p className="mt-3 max-w-[60ch] font-serif text-16">{lesson.summary}</p>
      {lesson.objectives.length > 0 ? (
        <ul className="mt-4 grid gap-1 border-t border-line pt-4 text-14">
          {lesson.objectives.map((objective) => (
            <li key={objective} className="flex gap-2">
              <span aria-hidden="true" className="mt-[9px] h-px w-3 shrink-0 bg-muted" />
              {objective}
            </li>
          ))}
        </ul>
      ) : null}
    </li>
  );
}
