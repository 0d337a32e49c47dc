import { z } from "zod";
import { sandboxViewSchema } from "@/sandbox/protocol/sandbox-view";
import { clustersSchema } from "../terminal/clusters";

/** What the server says of an answer: the options chosen, whether they are right, and why (per option chosen). */
export const quizResultSchema = z.object({
  optionIds: z.array(z.string()),
  correct: z.boolean(),
  feedback: z.array(z.object({ optionId: z.string(), correct: z.boolean(), text: z.string() })),
});
export type QuizResult = z.infer<typeof quizResultSchema>;

/** What the server says of a prediction: the first one counts and stays. */
export const predictionResultSchema = z.object({
  optionId: z.string(),
  correct: z.boolean(),
  explanation: z.string(),
});
export type PredictionResult = z.infer<typeof predictionResultSchema>;

export const viewerSchema = z.object({
  kind: z.enum(["guest", "account"]),
  role: z.enum(["learner", "author", "admin"]),
  name: z.string(),
});
export type Viewer = z.infer<typeof viewerSchema>;

/** Answer of `GET /api/lessons/:id/me`: everything personal about a lesson page, in one call. */
export const personalSchema = z.object({
  viewer: viewerSchema.nullable(),
  /** Task id → when it was first done. */
  tasks: z.record(z.string(), z.iso.datetime()),
  quizzes: z.record(z.string(), quizResultSchema),
  predictions: z.record(z.string(), predictionResultSchema),
  /** The viewer's sandbox that has not stopped, whichever lesson it belongs to. */
  sandbox: sandboxViewSchema.nullable(),
  /** What this lesson's sandbox may be made of. */
  clusters: clustersSchema,
});
export type Personal = z.infer<typeof personalSchema>;

export const quizAnswerSchema = z.strictObject({
  quizId: z.string().min(1).max(100),
  optionIds: z.array(z.string().min(1).max(100)).min(1).max(20),
});
export type QuizAnswer = z.infer<typeof quizAnswerSchema>;

export const predictionAnswerSchema = z.strictObject({
  predictionId: z.string().min(1).max(100),
  optionId: z.string().min(1).max(100),
});
export type PredictionAnswer = z.infer<typeof predictionAnswerSchema>;
