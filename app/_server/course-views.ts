import type { CourseView } from "@/components/site/course-view";
import type { LessonView } from "@/components/lesson/lesson-view";
import type { Option } from "@/course/lesson";
import { courseHref, courses, lessonHref, lessonPlaces, type LessonPlace } from "./courses";

export function loadCourseViews(): CourseView[] {
  return courses().map((course) => ({
    id: course.id,
    slug: course.slug,
    title: course.title,
    summary: course.summary,
    href: courseHref(course),
    modules: course.modules.map((module) => ({
      id: module.id,
      title: module.title,
      summary: module.summary,
      lessons: module.lessons.map((lesson) => ({
        id: lesson.id,
        title: lesson.title,
        summary: lesson.summary,
        href: lessonHref({ course, module, lesson }),
        minutes: lesson.minutes,
        difficulty: lesson.difficulty,
        objectives: lesson.objectives,
        taskCount: lesson.tasks.length,
      })),
    })),
  }));
}

export function findCourseView(slug: string): CourseView | undefined {
  return loadCourseViews().find((course) => course.slug === slug);
}

/** A lesson as its page shows it. Correct options and feedback stay on the server. */
export function lessonView(place: LessonPlace): LessonView {
  const { course, module, lesson } = place;
  const places = lessonPlaces().filter((other) => other.course.id === course.id);
  const next = places[places.findIndex((other) => other.lesson.id === lesson.id) + 1];
  return {
    id: lesson.id,
    courseId: course.id,
    revision: lesson.revision,
    title: lesson.title,
    minutes: lesson.minutes,
    difficulty: lesson.difficulty,
    objectives: lesson.objectives,
    course: { title: course.title, href: courseHref(course) },
    module: { title: module.title },
    tasks: lesson.tasks.map(({ id, title, hints }) => ({ id, title, hints })),
    quizzes: lesson.quizzes.map((quiz) => ({
      id: quiz.id,
      question: quiz.question,
      options: withoutAnswers(quiz.options),
      several: quiz.options.filter((option) => option.correct).length > 1,
    })),
    predictions: lesson.predictions.map(({ id, question, options }) => ({
      id,
      question,
      options: withoutAnswers(options),
    })),
    next: next ? { title: next.lesson.title, href: lessonHref(next) } : undefined,
  };
}

function withoutAnswers(options: readonly Option[]): { id: string; text: string }[] {
  return options.map(({ id, text }) => ({ id, text }));
}
