"use client";

import { useState } from "react";
import type { PredictionView } from "../lesson/lesson-view";
import { useLessonState, useWorkspace } from "../lesson/workspace-context";
import { t } from "../ui/text";
import { ChoiceList } from "./choice-list";
import { QuestionFrame } from "./question-frame";

/** "What will happen?": one guess before the command is run. The first one counts, right or not. */
export function PredictionCard({ prediction }: { prediction: PredictionView }) {
  const { store } = useWorkspace();
  const result = useLessonState().predictions[prediction.id];
  const [choice, setChoice] = useState<string | undefined>(undefined);
  const chosen = result?.optionId ?? choice;

  return (
    <QuestionFrame
      id={prediction.id}
      kind={t("prediction.kind")}
      question={prediction.question}
      verdict={result ? (result.correct ? t("prediction.right") : t("prediction.surprise")) : undefined}
      action={result ? undefined : t("prediction.commit")}
      ready={choice !== undefined && !result}
      onSubmit={async () => {
        if (choice !== undefined) await store.predict(prediction.id, choice);
      }}
    >
      <ChoiceList
        name={prediction.id}
        options={prediction.options}
        several={false}
        chosen={chosen === undefined ? [] : [chosen]}
        locked={result !== undefined}
        feedback={result ? { [result.optionId]: { correct: result.correct, text: result.explanation } } : {}}
        onChoose={([id]) => setChoice(id)}
      />
    </QuestionFrame>
  );
}
