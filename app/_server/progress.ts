import type { Personal, PredictionResult, QuizResult } from "@/components/lesson/personal";
import type { CourseProgress } from "@/components/site/course-view";
import { gradePrediction, gradeQuiz } from "@/course/grading";
import type { Course, Lesson } from "@/course/lesson";
import { standingOf, type LessonStanding } from "@/course/progress";
import { SandboxError } from "@/sandbox/protocol/codes";
import { findLesson } from "./courses";
import { database } from "./database";

/** What one learner has done in one lesson, as its page shows it. */
export async function personalDeeds(
  userId: string,
  lesson: Lesson,
): Promise<Pick<Personal, "tasks" | "quizzes" | "predictions">> {
  const [tasks, answers, predictions] = await Promise.all([
    database().taskResult.findMany({
      where: { userId, lessonId: lesson.id },
      select: { taskId: true, passedAt: true },
    }),
    database().quizAnswer.findMany({
      where: { userId, lessonId: lesson.id },
      orderBy: { createdAt: "desc" },
      distinct: ["quizId"],
      select: { quizId: true, optionIds: true },
    }),
    database().prediction.findMany({
      where: { userId, lessonId: lesson.id },
      select: { predictionId: true, optionId: true },
    }),
  ]);
  return {
    tasks: Object.fromEntries(tasks.map((task) => [task.taskId, task.passedAt.toISOString()])),
    quizzes: Object.fromEntries(answers.flatMap((answer) => entry(answer.quizId, quizResult(lesson, answer)))),
    predictions: Object.fromEntries(
      predictions.flatMap((prediction) => entry(prediction.predictionId, predictionResult(lesson, prediction))),
    ),
  };
}

/** Grades an answer to a quiz and keeps it. */
export async function answerQuiz(
  userId: string,
  lesson: Lesson,
  answer: { quizId: string; optionIds: string[] },
): Promise<QuizResult> {
  const result = quizResult(lesson, answer);
  if (!result) throw new SandboxError("bad-body", "no such quiz or option");
  await database().quizAnswer.create({
    data: { userId, lessonId: lesson.id, revision: lesson.revision, ...answer, correct: result.correct },
  });
  await noteDeed(userId, lesson);
  return result;
}

/** Grades a prediction and keeps it; the first one counts, so a second one is answered with the first. */
export async function makePrediction(
  userId: string,
  lesson: Lesson,
  answer: { predictionId: string; optionId: string },
): Promise<PredictionResult> {
  const result = predictionResult(lesson, answer);
  if (!result) throw new SandboxError("bad-body", "no such prediction or option");
  const kept = await database().prediction.upsert({
    where: { userId_lessonId_predictionId: { userId, lessonId: lesson.id, predictionId: answer.predictionId } },
    create: { userId, lessonId: lesson.id, revision: lesson.revision, ...answer, correct: result.correct },
    update: {},
    select: { predictionId: true, optionId: true },
  });
  await noteDeed(userId, lesson);
  return predictionResult(lesson, kept) ?? result;
}

/** Keeps that a task was passed, once however often the verdict is seen. */
export async function keepTaskResult(passed: {
  userId: string;
  lessonId: string;
  taskId: string;
  revision: string;
  verdictId: string;
  passedAt: Date;
}): Promise<void> {
  const { count } = await database().taskResult.createMany({ data: [passed], skipDuplicates: true });
  const lesson = findLesson(passed.lessonId)?.lesson;
  if (count > 0 && lesson) await noteDeed(passed.userId, lesson);
}

/** The place of the newest verdict that was kept (0 when there is none): where reading goes on after a restart. */
export async function newestKeptSequence(): Promise<number> {
  // Verdicts' ids are UUIDv7: the largest is the newest.
  const newest = await database().taskResult.findFirst({ orderBy: { verdictId: "desc" }, select: { verdictId: true } });
  if (!newest) return 0;
  const verdict = await database().verdict.findUnique({
    where: { id: newest.verdictId },
    select: { sequence: true },
  });
  return Number(verdict?.sequence ?? 0);
}

/** How far a learner is in each lesson of a course that they began. */
export async function courseProgress(userId: string, course: Course): Promise<CourseProgress> {
  const lessons = course.modules.flatMap((module) => module.lessons);
  const begun = await database().lessonProgress.findMany({
    where: { userId, lessonId: { in: lessons.map((lesson) => lesson.id) } },
    select: { lessonId: true, completedAt: true },
  });
  const standings = await Promise.all(
    begun.map(async ({ lessonId, completedAt }) => {
      const lesson = lessons.find((each) => each.id === lessonId);
      if (!lesson) return [];
      const { done, total, complete } = await standing(userId, lesson);
      return [[lessonId, { done, total, complete: complete || completedAt !== null }] as const];
    }),
  );
  return { lessons: Object.fromEntries(standings.flat()) };
}

/** The learner did something in this lesson: it has begun, and is complete when nothing is left. */
export async function noteDeed(userId: string, lesson: Lesson): Promise<void> {
  const now = new Date();
  const where = { userId_lessonId: { userId, lessonId: lesson.id } };
  const { revision } = lesson;
  await database().lessonProgress.upsert({
    where,
    create: { userId, lessonId: lesson.id, revision },
    update: { visitedAt: now, revision },
  });
  const { complete } = await standing(userId, lesson);
  if (complete) {
    await database().lessonProgress.updateMany({
      where: { userId, lessonId: lesson.id, completedAt: null },
      data: { completedAt: now },
    });
  }
}

async function standing(userId: string, lesson: Lesson): Promise<LessonStanding> {
  const mine = { userId, lessonId: lesson.id };
  const [tasks, quizzes, predictions] = await Promise.all([
    database().taskResult.findMany({ where: mine, select: { taskId: true } }),
    database().quizAnswer.findMany({
      where: { ...mine, correct: true },
      distinct: ["quizId"],
      select: { quizId: true },
    }),
    database().prediction.findMany({ where: mine, select: { predictionId: true } }),
  ]);
  return standingOf(lesson, {
    passedTasks: tasks.map((each) => each.taskId),
    solvedQuizzes: quizzes.map((each) => each.quizId),
    madePredictions: predictions.map((each) => each.predictionId),
  });
}

function quizResult(lesson: Lesson, answer: { quizId: string; optionIds: string[] }): QuizResult | undefined {
  const quiz = lesson.quizzes.find((each) => each.id === answer.quizId);
  const grade = quiz && gradeQuiz(quiz, answer.optionIds);
  return grade && { optionIds: answer.optionIds, correct: grade.correct, feedback: [...grade.feedback] };
}

function predictionResult(
  lesson: Lesson,
  answer: { predictionId: string; optionId: string },
): PredictionResult | undefined {
  const prediction = lesson.predictions.find((each) => each.id === answer.predictionId);
  const grade = prediction && gradePrediction(prediction, answer.optionId);
  if (!grade) return undefined;
  return { optionId: answer.optionId, correct: grade.correct, explanation: grade.feedback[0]?.text ?? "" };
}

/** An answer to a question that the lesson no longer has is left out. */
function entry<T>(id: string, value: T | undefined): [string, T][] {
  return value === undefined ? [] : [[id, value]];
}
