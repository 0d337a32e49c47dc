import { cache } from "react";
import type { Course, CourseModule, Lesson } from "@/course/lesson";
import { loadCourses } from "@/course/loader";
import { SandboxError } from "@/sandbox/protocol/codes";

export interface LessonPlace {
  course: Course;
  module: CourseModule;
  lesson: Lesson;
}

let kept: Course[] | undefined;

/** The courses as they were when the process started: a new revision comes with a new build, not under a live learner. */
export function courses(): Course[] {
  if (process.env.NODE_ENV !== "production") return freshCourses();
  kept ??= loadCourses();
  return kept;
}

export function lessonPlaces(): LessonPlace[] {
  return courses().flatMap((course) =>
    course.modules.flatMap((module) => module.lessons.map((lesson) => ({ course, module, lesson }))),
  );
}

export function findLesson(lessonId: string): LessonPlace | undefined {
  return lessonPlaces().find((place) => place.lesson.id === lessonId);
}

export function requireLesson(lessonId: string): LessonPlace {
  const place = findLesson(lessonId);
  if (!place) throw new SandboxError("not-found", "no such lesson");
  return place;
}

export function lessonHref({ course, module, lesson }: LessonPlace): string {
  return `${courseHref(course)}/${module.slug}/${lesson.slug}`;
}

export function courseHref(course: Course): string {
  return `/courses/${course.slug}`;
}

const freshCourses = cache(() => loadCourses());
