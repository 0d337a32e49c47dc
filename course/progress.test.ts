import { expect, it } from "vitest";
import { standingOf } from "./progress";

const lesson = {
  id: "l",
  title: "L",
  summary: "s",
  minutes: 1,
  difficulty: "beginner" as const,
  objectives: ["o"],
  tasks: [
    { id: "t1", title: "T1", hints: [] },
    { id: "t2", title: "T2", hints: [] },
  ],
  quizzes: [{ id: "q", question: "?", options: [] }],
  predictions: [],
  addons: [],
  faults: [],
};

it("counts tasks and solved quizzes alike, and ignores ids the lesson no longer has", () => {
  expect(standingOf(lesson, { passedTasks: ["t1", "gone"], solvedQuizzes: [], madePredictions: ["p"] })).toEqual({
    done: 1,
    total: 3,
    fraction: 1 / 3,
    complete: false,
  });
});

it("is complete when everything is done", () => {
  const deeds = { passedTasks: ["t1", "t2"], solvedQuizzes: ["q"], madePredictions: [] };
  expect(standingOf(lesson, deeds)).toMatchObject({ fraction: 1, complete: true });
});
