import { z } from "zod";
import { addonsSchema } from "@/sandbox/protocol/addons";
import { faultsSchema } from "@/sandbox/protocol/faults";

/**
 * What a lesson is, as its author writes it: the front matter of `lesson.mdx`. Ids are immutable once published: answers
 * and results are stored under them; titles, order and folder names are free.
 */
const id = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, "an id is lower case letters, digits and dashes");
const text = z.string().trim().min(1).max(1000);

/** One answer of a quiz or prediction. `feedback` is shown after it was chosen, so it says why, right or wrong. */
const option = z.strictObject({ id, text, correct: z.boolean().default(false), feedback: text });

const question = { id, question: text, options: z.array(option).min(2).max(8) };

/** Multiple choice; with several correct options all of them, and no other, must be chosen. */
export const quizSchema = z.strictObject(question).refine((quiz) => quiz.options.some((each) => each.correct), {
  message: "a quiz needs a correct option",
});

/** "What will happen?": one choice, made before the learner runs the command; exactly one option comes true. */
export const predictionSchema = z
  .strictObject(question)
  .refine((prediction) => prediction.options.filter((each) => each.correct).length === 1, {
    message: "a prediction needs exactly one option that comes true",
  });

/** Graded on the state of the cluster by the checks in `checks.yaml` that name it. Hints go from nudge to answer. */
export const taskSchema = z.strictObject({ id, title: text, hints: z.array(text).max(5).default([]) });

export const lessonFrontMatterSchema = z
  .strictObject({
    id,
    title: text,
    summary: text,
    minutes: z.number().int().min(1).max(120),
    difficulty: z.enum(["beginner", "intermediate", "advanced"]),
    objectives: z.array(text).min(1).max(6),
    addons: addonsSchema,
    faults: faultsSchema,
    tasks: z.array(taskSchema).max(12).default([]),
    quizzes: z.array(quizSchema).max(12).default([]),
    predictions: z.array(predictionSchema).max(12).default([]),
  })
  .superRefine((lesson, context) => {
    const groups = { tasks: lesson.tasks, quizzes: lesson.quizzes, predictions: lesson.predictions };
    for (const [group, members] of Object.entries(groups)) {
      if (hasTwice(members)) context.addIssue({ code: "custom", path: [group], message: "two have the same id" });
    }
    for (const each of [...lesson.quizzes, ...lesson.predictions]) {
      if (hasTwice(each.options))
        context.addIssue({ code: "custom", message: `${each.id}: two options have the same id` });
    }
  });

export const moduleFileSchema = z.strictObject({ id, title: text, summary: text });
export const courseFileSchema = z.strictObject({ id, title: text, summary: text });

export type LessonFrontMatter = z.infer<typeof lessonFrontMatterSchema>;
export type Task = z.infer<typeof taskSchema>;
export type Quiz = z.infer<typeof quizSchema>;
export type Prediction = z.infer<typeof predictionSchema>;
export type Option = z.infer<typeof option>;

/** A lesson as loaded. `revision` changes whenever anything a learner could notice does. */
export interface Lesson extends LessonFrontMatter {
  readonly slug: string;
  readonly revision: string;
  /** Its folder, relative to the root of the checkout. */
  readonly folder: string;
}

export interface CourseModule {
  readonly id: string;
  readonly slug: string;
  readonly title: string;
  readonly summary: string;
  readonly lessons: readonly Lesson[];
}

export interface Course {
  readonly id: string;
  readonly slug: string;
  readonly title: string;
  readonly summary: string;
  readonly modules: readonly CourseModule[];
}

function hasTwice(members: readonly { id: string }[]): boolean {
  return new Set(members.map((member) => member.id)).size !== members.length;
}
