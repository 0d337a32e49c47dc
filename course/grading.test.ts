import { describe, expect, it } from "vitest";
import { gradePrediction, gradeQuiz } from "./grading";

const options = [
  { id: "a", text: "A", correct: true, feedback: "a is right" },
  { id: "b", text: "B", correct: false, feedback: "b is wrong" },
  { id: "c", text: "C", correct: true, feedback: "c is right" },
];
const quiz = { id: "q", question: "?", options };

describe("gradeQuiz", () => {
  it("is right only for exactly the correct options", () => {
    expect(gradeQuiz(quiz, ["c", "a"])?.correct).toBe(true);
    expect(gradeQuiz(quiz, ["a"])?.correct).toBe(false);
    expect(gradeQuiz(quiz, ["a", "b", "c"])?.correct).toBe(false);
  });

  it("gives feedback for the chosen options and for no other", () => {
    expect(gradeQuiz(quiz, ["b", "b"])?.feedback).toEqual([{ optionId: "b", correct: false, text: "b is wrong" }]);
  });

  it("refuses an unknown option and an empty answer", () => {
    expect(gradeQuiz(quiz, ["a", "z"])).toBeUndefined();
    expect(gradeQuiz(quiz, [])).toBeUndefined();
  });
});

describe("gradePrediction", () => {
  it("says whether it came true", () => {
    expect(gradePrediction(quiz, "a")).toMatchObject({ correct: true });
    expect(gradePrediction(quiz, "b")).toMatchObject({ correct: false });
    expect(gradePrediction(quiz, "z")).toBeUndefined();
  });
});
