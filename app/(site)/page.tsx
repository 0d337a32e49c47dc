import { BookOpen, CircleCheck, SquareTerminal } from "lucide-react";
import type { LucideIcon } from "lucide-react";
import { HarbourChart } from "@/components/site/harbour-chart";
import { TerminalDrawing } from "@/components/site/terminal-drawing";
import { ButtonLink } from "@/components/ui/button";
import { t } from "@/components/ui/text";
import { loadCourseViews } from "../_server/course-views";

export default function HomePage() {
  const [course] = loadCourseViews();
  const first = course?.modules.flatMap((module) => module.lessons)[0];
  return (
    <>
      <section className="mx-auto grid max-w-[1120px] items-center gap-12 px-4 py-12 md:px-6 md:py-16 xl:grid-cols-[minmax(0,5fr)_minmax(0,6fr)]">
        <div>
          <h1 className="font-serif text-36 font-semibold tracking-tight text-balance md:text-[48px] md:leading-[56px]">
            {t("home.heading")}
          </h1>
          <p className="mt-6 max-w-[52ch] font-serif text-18 text-muted">{t("home.lead")}</p>
          {course && first ? (
            <div className="mt-8 flex flex-wrap gap-3">
              <ButtonLink look="primary" href={first.href} className="min-h-11 px-6 text-16">
                {t("home.start")}
              </ButtonLink>
              <ButtonLink href={course.href} className="min-h-11 px-6 text-16">
                {t("home.seeCourse")}
              </ButtonLink>
            </div>
          ) : null}
          <p className="mt-4 text-14 text-muted">{t("home.noSignUp")}</p>
        </div>
        <TerminalDrawing />
      </section>

      <section aria-labelledby="how" className="border-y border-line bg-surface">
        <div className="mx-auto max-w-[1120px] px-4 py-12 md:px-6">
          <h2 id="how" className="sr-only">
            {t("home.how.heading")}
          </h2>
          <ol className="grid gap-8 md:grid-cols-3">
            <Step icon={BookOpen} title={t("home.how.read.title")} text={t("home.how.read.text")} />
            <Step icon={SquareTerminal} title={t("home.how.type.title")} text={t("home.how.type.text")} />
            <Step icon={CircleCheck} title={t("home.how.see.title")} text={t("home.how.see.text")} />
          </ol>
        </div>
      </section>

      {course ? (
        <section aria-labelledby="course" className="mx-auto max-w-[1120px] px-4 py-12 md:px-6 md:py-16">
          <h2 id="course" className="font-serif text-28 font-semibold tracking-tight">
            {course.title}
          </h2>
          <p className="mt-2 max-w-[66ch] font-serif text-18 text-muted">{course.summary}</p>
          <HarbourChart course={course} />
        </section>
      ) : null}
    </>
  );
}

function Step({ icon: Icon, title, text }: { icon: LucideIcon; title: string; text: string }) {
  return (
    <li>
      <Icon size={22} strokeWidth={1.5} className="text-sea" aria-hidden="true" />
      <h3 className="mt-3 text-16 font-semibold">{title}</h3>
      <p className="mt-1 max-w-[44ch] text-14 text-muted">{text}</p>
    </li>
  );
}
