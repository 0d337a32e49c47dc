import { ButtonLink } from "../ui/button";
import { t } from "../ui/text";
import type { LessonView } from "./lesson-view";

/** Where to go from the end of a lesson. */
export function LessonEnd({ lesson }: { lesson: LessonView }) {
  return (
    <nav aria-label={t("lesson.next")} className="not-prose mt-12 border-t border-line pt-6 font-sans">
      {lesson.next ? (
        <ButtonLink look="primary" href={lesson.next.href}>
          {t("lesson.nextLesson", { title: lesson.next.title })}
        </ButtonLink>
      ) : (
        <ButtonLink href={lesson.course.href}>{t("lesson.backToCourse")}</ButtonLink>
      )}
    </nav>
  );
}
