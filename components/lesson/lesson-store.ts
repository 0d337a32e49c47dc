import type { TaskVerdict } from "@/sandbox/protocol/verdict";
import type { LessonApi } from "./lesson-api";
import type { LessonView } from "./lesson-view";
import type { Personal, PredictionResult, QuizResult, Viewer } from "./personal";

export interface LessonState {
  /** `unreachable`: the page could not ask; the prose is whole all the same. */
  status: "loading" | "ready" | "unreachable";
  viewer: Viewer | undefined;
  /** Task id → when it was first done (ISO); once there it stays. */
  done: Readonly<Record<string, string>>;
  /** What the checks say now, by task id; empty without a running sandbox. */
  verdicts: Readonly<Record<string, TaskVerdict>>;
  quizzes: Readonly<Record<string, QuizResult>>;
  predictions: Readonly<Record<string, PredictionResult>>;
}

const EMPTY: LessonState = {
  status: "loading",
  viewer: undefined,
  done: {},
  verdicts: {},
  quizzes: {},
  predictions: {},
};

/** What a learner has done in one lesson, as far as this page knows. */
export class LessonStore {
  readonly #api: LessonApi;
  readonly #lesson: LessonView;
  readonly #now: () => Date;
  readonly #listeners = new Set<() => void>();
  #state = EMPTY;
  #meeting = false;

  constructor(lesson: LessonView, api: LessonApi, now: () => Date = () => new Date()) {
    this.#lesson = lesson;
    this.#api = api;
    this.#now = now;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly get = (): LessonState => this.#state;

  static readonly initial = (): LessonState => EMPTY;

  /** Asks for everything personal, once; resolves with it, or with nothing when the server cannot be asked. */
  async load(): Promise<Personal | undefined> {
    try {
      const personal = await this.#api.personal(this.#lesson.id);
      this.#set({
        status: "ready",
        viewer: personal.viewer ?? undefined,
        done: { ...this.#state.done, ...personal.tasks },
        quizzes: { ...personal.quizzes, ...this.#state.quizzes },
        predictions: { ...personal.predictions, ...this.#state.predictions },
      });
      return personal;
    } catch {
      this.#set({ status: "unreachable" });
      return undefined;
    }
  }

  /** Whoever starts a sandbox or answers is somebody from then on: asks once who that is. */
  meetViewer(): void {
    if (this.#state.viewer || this.#meeting) return;
    this.#meeting = true;
    void this.load().finally(() => (this.#meeting = false));
  }

  /** The verdicts of all tasks as the cluster stands. A task that passes is done from then on. */
  applyVerdicts(verdicts: readonly TaskVerdict[]): void {
    const done = { ...this.#state.done };
    for (const verdict of verdicts) {
      if (verdict.passed) done[verdict.taskId] ??= this.#now().toISOString();
    }
    this.#set({ done, verdicts: Object.fromEntries(verdicts.map((verdict) => [verdict.taskId, verdict])) });
  }

  clearVerdicts(): void {
    this.#set({ verdicts: {} });
  }

  async answer(quizId: string, optionIds: string[]): Promise<void> {
    const result = await this.#api.answer(this.#lesson.id, { quizId, optionIds });
    this.#set({ quizzes: { ...this.#state.quizzes, [quizId]: result } });
    this.meetViewer();
  }

  async predict(predictionId: string, optionId: string): Promise<void> {
    const result = await this.#api.predict(this.#lesson.id, { predictionId, optionId });
    this.#set({ predictions: { ...this.#state.predictions, [predictionId]: result } });
    this.meetViewer();
  }

  #set(change: Partial<LessonState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}
