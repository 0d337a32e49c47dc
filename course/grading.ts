import type { Option, Prediction, Quiz } from "./lesson";

/** What the server says of an answer. `feedback` covers the chosen options only: others stay a secret until tried. */
export interface Grade {
  readonly correct: boolean;
  readonly feedback: readonly { optionId: string; correct: boolean; text: string }[];
}

/** Right when exactly the correct options were chosen. Undefined when an option is not one of the quiz. */
export function gradeQuiz(quiz: Quiz, optionIds: readonly string[]): Grade | undefined {
  const chosen = pick(quiz.options, optionIds);
  if (!chosen) return undefined;
  const wanted = quiz.options.filter((option) => option.correct);
  const correct = chosen.length === wanted.length && chosen.every((option) => option.correct);
  return { correct, feedback: chosen.map(feedbackOf) };
}

/** A prediction takes one option; it came true or it did not. */
export function gradePrediction(prediction: Prediction, optionId: string): Grade | undefined {
  const chosen = pick(prediction.options, [optionId]);
  if (!chosen) return undefined;
  return { correct: chosen.every((option) => option.correct), feedback: chosen.map(feedbackOf) };
}

/** The options with these ids, each once, at least one; undefined when one is unknown. */
function pick(options: readonly Option[], ids: readonly string[]): Option[] | undefined {
  const unique = [...new Set(ids)];
  const chosen = unique.flatMap((id) => options.filter((option) => option.id === id));
  return chosen.length === unique.length && chosen.length > 0 ? chosen : undefined;
}

function feedbackOf(option: Option): Grade["feedback"][number] {
  return { optionId: option.id, correct: option.correct, text: option.feedback };
}
