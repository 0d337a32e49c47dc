import { describe, expect, it } from "vitest";
import type { TaskVerdict } from "@/sandbox/protocol/verdict";
import type { LessonApi } from "./lesson-api";
import { LessonStore } from "./lesson-store";
import type { LessonView } from "./lesson-view";
import type { Personal } from "./personal";

const NOBODY: Personal = {
  viewer: null,
  tasks: {},
  quizzes: {},
  predictions: {},
  sandbox: null,
  clusters: { choices: ["simulated"], preset: "simulated" },
};
const GUEST: Personal["viewer"] = { kind: "guest", role: "learner", name: "Guest" };
const NOW = new Date("2026-11-21T12:00:00.000Z");

describe("LessonStore", () => {
  it("keeps a task done once it passed, whatever the cluster looks like later", () => {
    const store = lessonStore({});
    store.applyVerdicts([verdict("run", true), verdict("expose", false)]);
    expect(store.get().done).toEqual({ run: NOW.toISOString() });
    store.applyVerdicts([verdict("run", false), verdict("expose", false)]);
    expect(store.get().done).toEqual({ run: NOW.toISOString() });
    expect(store.get().verdicts.run?.passed).toBe(false);
  });

  it("shows the time the server kept rather than its own", async () => {
    const store = lessonStore({ personal: { ...NOBODY, tasks: { run: "2026-11-20T09:00:00.000Z" } } });
    await store.load();
    store.applyVerdicts([verdict("run", true)]);
    expect(store.get().done.run).toBe("2026-11-20T09:00:00.000Z");
  });

  it("says that the server cannot be asked, and keeps what it knows", async () => {
    const store = lessonStore({ failing: true });
    store.applyVerdicts([verdict("run", true)]);
    expect(await store.load()).toBeUndefined();
    expect(store.get().status).toBe("unreachable");
    expect(store.get().done).toHaveProperty("run");
  });

  it("asks once who the visitor has become when they answer", async () => {
    const asked: string[] = [];
    const store = lessonStore({ personal: { ...NOBODY, viewer: GUEST }, asked });
    await store.answer("q", ["a"]);
    store.meetViewer();
    await Promise.resolve();
    await Promise.resolve();
    store.meetViewer();
    expect(asked).toEqual(["personal"]);
    expect(store.get().viewer).toEqual(GUEST);
    expect(store.get().quizzes.q?.correct).toBe(true);
  });

  it("rejects when an answer could not be sent, and shows no result", async () => {
    const store = lessonStore({ failing: true });
    await expect(store.answer("q", ["a"])).rejects.toThrow("no network");
    expect(store.get().quizzes).toEqual({});
  });
});

function lessonStore(server: { personal?: Personal; failing?: boolean; asked?: string[] }): LessonStore {
  const say = <T>(value: T): Promise<T> =>
    server.failing ? Promise.reject(new Error("no network")) : Promise.resolve(value);
  const api: LessonApi = {
    personal: () => {
      server.asked?.push("personal");
      return say(server.personal ?? NOBODY);
    },
    answer: (_lesson, { optionIds }) => say({ optionIds, correct: true, feedback: [] }),
    predict: (_lesson, { optionId }) => say({ optionId, correct: true, explanation: "" }),
  };
  return new LessonStore(LESSON, api, () => NOW);
}

function verdict(taskId: string, passed: boolean): TaskVerdict {
  return { taskId, passed, checks: [] };
}

const LESSON: LessonView = {
  id: "l",
  courseId: "c",
  revision: "r",
  title: "L",
  minutes: 5,
  difficulty: "beginner",
  objectives: [],
  course: { title: "C", href: "/c" },
  module: { title: "M" },
  tasks: [],
  quizzes: [],
  predictions: [],
};
