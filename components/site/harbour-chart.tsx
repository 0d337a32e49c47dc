import Link from "next/link";
import { plural, t } from "../ui/text";
import type { CourseView } from "./course-view";

/** The modules of a course as stops along one channel; without the drawing it is a plain list. */
export function HarbourChart({ course }: { course: CourseView }) {
  return (
    <ol className="harbour-chart mt-8">
      {course.modules.map((module) => {
        const minutes = module.lessons.reduce((sum, lesson) => sum + lesson.minutes, 0);
        return (
          <li key={module.id} className="harbour-stop">
            <div className="flex flex-wrap items-baseline gap-x-4">
              <h3 className="text-18 font-semibold">{module.title}</h3>
              <p className="text-14 text-muted">
                {plural("course.lessons", module.lessons.length)}
                {t("list.separator")}
                {t("course.minutes", { minutes })}
              </p>
            </div>
            <ul className="mt-2">
              {module.lessons.map((lesson) => (
                <li key={lesson.id}>
                  <Link
                    href={lesson.href}
                    className="inline-block rounded-input py-1 font-serif text-18 text-sea underline-offset-4 hover:underline"
                  >
                    {lesson.title}
                  </Link>
                </li>
              ))}
            </ul>
          </li>
        );
      })}
    </ol>
  );
}
