import { plural, t } from "../ui/text";
import { ButtonLink } from "../ui/button";
import type { CourseView } from "./course-view";
import { LessonCard } from "./lesson-card";

export function CoursePageBody({ course }: { course: CourseView }) {
  const lessons = course.modules.flatMap((module) => module.lessons);
  const minutes = lessons.reduce((sum, lesson) => sum + lesson.minutes, 0);
  const first = lessons[0];
  return (
    <div className="mx-auto max-w-[880px] px-4 py-12 md:px-6 md:py-16">
      <h1 className="font-serif text-36 font-semibold tracking-tight text-balance">{course.title}</h1>
      <p className="mt-4 max-w-[66ch] font-serif text-18 text-muted">{course.summary}</p>
      <div className="mt-6 flex flex-wrap items-center gap-4">
        {first ? (
          <ButtonLink look="primary" href={first.href}>
            {t("home.start")}
          </ButtonLink>
        ) : null}
        <p className="text-14 text-muted">
          {plural("course.modules", course.modules.length)}
          {t("list.separator")}
          {plural("course.lessons", lessons.length)}
          {t("list.separator")}
          {t("course.minutes", { minutes })}
        </p>
      </div>
      {course.modules.map((module) => (
        <section key={module.id} aria-labelledby={`module-${module.id}`} className="mt-12">
          <h2 id={`module-${module.id}`} className="font-serif text-22 font-semibold">
            {module.title}
          </h2>
          <p className="mt-1 max-w-[66ch] text-14 text-muted">{module.summary}</p>
          <ul className="mt-4 grid gap-4">
            {module.lessons.map((lesson) => (
              <LessonCard key={lesson.id} courseId={course.id} lesson={lesson} />
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}
