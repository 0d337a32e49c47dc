import { CircleCheck, CircleX } from "lucide-react";
import { InlineText } from "../ui/inline-text";
import { t } from "../ui/text";

export interface ChoiceFeedback {
  correct: boolean;
  text: string;
}

/** Options to choose from; what the server said stands under the option it is about. */
export function ChoiceList(props: {
  name: string;
  options: readonly { id: string; text: string }[];
  several: boolean;
  chosen: readonly string[];
  feedback: Readonly<Record<string, ChoiceFeedback>>;
  locked: boolean;
  onChoose: (ids: string[]) => void;
}) {
  function choose(id: string) {
    if (!props.several) props.onChoose([id]);
    else if (props.chosen.includes(id)) props.onChoose(props.chosen.filter((each) => each !== id));
    else props.onChoose([...props.chosen, id]);
  }
  return (
    <ul className="mt-3 grid gap-2">
      {props.options.map((option) => {
        const chosen = props.chosen.includes(option.id);
        const feedback = props.feedback[option.id];
        return (
          <li key={option.id} className="choice" data-chosen={chosen} data-result={resultOf(feedback)}>
            <label className="flex gap-3 px-3 py-2.5">
              <input
                type={props.several ? "checkbox" : "radio"}
                name={props.name}
                value={option.id}
                checked={chosen}
                disabled={props.locked}
                onChange={() => choose(option.id)}
                className="mt-0.5 size-4 shrink-0 accent-sea"
              />
              <span>
                <InlineText text={option.text} />
              </span>
            </label>
            {feedback ? <Feedback feedback={feedback} /> : null}
          </li>
        );
      })}
    </ul>
  );
}

function Feedback({ feedback }: { feedback: ChoiceFeedback }) {
  return (
    <div className="flex gap-3 border-t border-line px-3 py-2.5">
      {feedback.correct ? (
        <CircleCheck size={16} strokeWidth={1.75} className="mt-0.5 shrink-0 text-kelp" aria-label={t("quiz.right")} />
      ) : (
        <CircleX size={16} strokeWidth={1.75} className="mt-0.5 shrink-0 text-flare" aria-label={t("quiz.wrong")} />
      )}
      <p>
        <InlineText text={feedback.text} />
      </p>
    </div>
  );
}

function resultOf(feedback: ChoiceFeedback | undefined): "right" | "wrong" | undefined {
  if (!feedback) return undefined;
  return feedback.correct ? "right" : "wrong";
}
