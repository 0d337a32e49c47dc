"use client";

import { WifiOff } from "lucide-react";
import Link from "next/link";
import { LifetimeLine } from "../terminal/lifetime-strip";
import { Mark } from "../ui/mark";
import { plural, t } from "../ui/text";
import { ThemeToggle } from "../ui/theme-toggle";
import { useLessonState, useWorkspace } from "./workspace-context";

export function LessonHeader() {
  const { lesson } = useWorkspace();
  const { viewer, status } = useLessonState();
  return (
    <header className="flex h-12 shrink-0 items-center gap-3 border-b border-line bg-paper px-4">
      <a href="#main" className="skip-link">
        {t("site.skip")}
      </a>
      <Link href="/" className="rounded-input" aria-label={t("site.home")}>
        <Mark />
      </Link>
      <nav aria-label={t("site.breadcrumb")} className="min-w-0">
        <ol className="flex items-center gap-2 text-14">
          <li className="shrink-0 max-md:hidden">
            <Link href={lesson.course.href} className="rounded-input text-muted transition-colors hover:text-ink">
              {lesson.course.title}
            </Link>
          </li>
          <li aria-hidden="true" className="text-muted max-md:hidden">
            {t("site.breadcrumbSign")}
          </li>
          <li className="truncate font-medium" aria-current="page">
            {lesson.title}
          </li>
        </ol>
      </nav>
      <div className="ml-auto flex min-w-0 items-center gap-3">
        {status === "unreachable" ? (
          <span role="status" className="flex items-center gap-2 text-12 text-sand">
            <WifiOff size={16} strokeWidth={1.5} aria-hidden />
            <span className="max-md:sr-only">{t("lesson.unreachable")}</span>
          </span>
        ) : null}
        <LifetimeLine />
        <TaskDots />
        <ThemeToggle />
        {viewer ? (
          <span className="text-14 text-muted max-md:hidden">
            {viewer.kind === "guest" ? t("viewer.guest") : viewer.name}
          </span>
        ) : null}
      </div>
    </header>
  );
}

/** A dot for each task, filled when it is done; in words for those who do not see it. */
function TaskDots() {
  const { lesson } = useWorkspace();
  const { done } = useLessonState();
  if (lesson.tasks.length === 0) return null;
  const count = lesson.tasks.filter((task) => done[task.id] !== undefined).length;
  const words = t("lesson.tasksDone", { done: count, tasks: plural("course.tasks", lesson.tasks.length) });
  return (
    <span role="img" aria-label={words} title={words} className="flex shrink-0 items-center gap-1.5">
      {lesson.tasks.map((task) => (
        <span
          key={task.id}
          className={`size-2.5 rounded-full border ${done[task.id] === undefined ? "border-muted" : "border-kelp bg-kelp"}`}
        />
      ))}
    </span>
  );
}
