import type { LessonFrontMatter } from "./lesson";

/** What a learner has done in a lesson, by id. Ids that the lesson no longer has are ignored. */
export interface LessonDeeds {
  readonly passedTasks: readonly string[];
  /** Quizzes answered correctly at least once. */
  readonly solvedQuizzes: readonly string[];
  /** Predictions made, right or wrong: looking ahead is the point. */
  readonly madePredictions: readonly string[];
}

export interface LessonStanding {
  readonly done: number;
  readonly total: number;
  /** Between 0 and 1; a lesson with nothing to do is complete when it has been read, which is not known here. */
  readonly fraction: number;
  readonly complete: boolean;
}

/** Where a learner stands in a lesson: tasks, quizzes and predictions count alike. */
export function standingOf(lesson: LessonFrontMatter, deeds: LessonDeeds): LessonStanding {
  const total = lesson.tasks.length + lesson.quizzes.length + lesson.predictions.length;
  const done =
    countDone(lesson.tasks, deeds.passedTasks) +
    countDone(lesson.quizzes, deeds.solvedQuizzes) +
    countDone(lesson.predictions, deeds.madePredictions);
  return { done, total, fraction: total === 0 ? 0 : done / total, complete: total > 0 && done === total };
}

function countDone(members: readonly { id: string }[], ids: readonly string[]): number {
  return members.filter((member) => ids.includes(member.id)).length;
}
