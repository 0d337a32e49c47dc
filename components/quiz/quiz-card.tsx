"use client";

import { useState } from "react";
import type { QuizView } from "../lesson/lesson-view";
import { useLessonState, useWorkspace } from "../lesson/workspace-context";
import { t } from "../ui/text";
import { ChoiceList } from "./choice-list";
import { QuestionFrame } from "./question-frame";

/** Multiple choice: tried as often as it takes, each try graded by the server. */
export function QuizCard({ quiz }: { quiz: QuizView }) {
  const { store } = useWorkspace();
  const result = useLessonState().quizzes[quiz.id];
  const [choice, setChoice] = useState<string[] | undefined>(undefined);
  const chosen = choice ?? result?.optionIds ?? [];
  const solved = result?.correct ?? false;
  const changed = choice !== undefined && !sameIds(choice, result?.optionIds ?? []);

  return (
    <QuestionFrame
      id={quiz.id}
      kind={quiz.several ? t("quiz.kindSeveral") : t("quiz.kind")}
      question={quiz.question}
      verdict={result && !changed ? (result.correct ? t("quiz.solved") : t("quiz.notYet")) : undefined}
      action={solved ? undefined : t("quiz.check")}
      ready={chosen.length > 0 && (result === undefined || changed)}
      onSubmit={() => store.answer(quiz.id, chosen)}
    >
      <ChoiceList
        name={quiz.id}
        options={quiz.options}
        several={quiz.several}
        chosen={chosen}
        locked={solved}
        feedback={Object.fromEntries((result?.feedback ?? []).map((each) => [each.optionId, each]))}
        onChoose={setChoice}
      />
    </QuestionFrame>
  );
}

function sameIds(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((id) => b.includes(id));
}
