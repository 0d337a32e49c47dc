import type { z } from "zod";
import {
  personalSchema,
  predictionResultSchema,
  quizResultSchema,
  type Personal,
  type PredictionAnswer,
  type PredictionResult,
  type QuizAnswer,
  type QuizResult,
} from "./personal";

/** The server as a lesson page sees it. Every call rejects when there is no network or the server refuses. */
export interface LessonApi {
  personal(lessonId: string): Promise<Personal>;
  answer(lessonId: string, answer: QuizAnswer): Promise<QuizResult>;
  predict(lessonId: string, answer: PredictionAnswer): Promise<PredictionResult>;
}

export const httpLessonApi: LessonApi = {
  personal: (lessonId) => call(personalSchema, `/api/lessons/${encodeURIComponent(lessonId)}/me`),
  answer: (lessonId, answer) => call(quizResultSchema, `/api/lessons/${encodeURIComponent(lessonId)}/answers`, answer),
  predict: (lessonId, answer) =>
    call(predictionResultSchema, `/api/lessons/${encodeURIComponent(lessonId)}/predictions`, answer),
};

async function call<T>(schema: z.ZodType<T>, path: string, body?: unknown): Promise<T> {
  const response = await fetch(
    path,
    body === undefined
      ? {}
      : { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) },
  );
  if (!response.ok) throw new Error(`${path} answered ${response.status}`);
  return schema.parse(await response.json());
}
