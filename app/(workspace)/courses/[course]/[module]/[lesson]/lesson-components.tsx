import type { MDXComponents } from "mdx/types";
import { Diagram } from "@/components/lesson/diagram";
import type { LessonView } from "@/components/lesson/lesson-view";
import { Objectives } from "@/components/lesson/objectives";
import { RunBlock } from "@/components/lesson/run-block";
import { TaskCard } from "@/components/lesson/task-card";
import { PredictionCard } from "@/components/quiz/prediction-card";
import { QuizCard } from "@/components/quiz/quiz-card";

/**
 * What a lesson's text may use: `<Objectives />`, `<Run command />`, `<Task id />`, `<Quiz id />`, `<Prediction id />`,
 * `<Diagram title alt code />`. Ids are checked by the loader, so one that is missing here is a mistake of ours.
 */
export function lessonComponents(lesson: LessonView): MDXComponents {
  return {
    Diagram,
    Objectives: () => <Objectives lesson={lesson} />,
    Run: ({ command }: { command: string }) => <RunBlock command={command} />,
    Task: ({ id }: { id: string }) => <TaskCard id={id} />,
    Quiz: ({ id }: { id: string }) => <QuizCard quiz={byId(lesson.quizzes, id)} />,
    Prediction: ({ id }: { id: string }) => <PredictionCard prediction={byId(lesson.predictions, id)} />,
    pre: (props) => <pre tabIndex={0} {...props} />,
  };
}

function byId<T extends { id: string }>(members: readonly T[], id: string): T {
  const found = members.find((member) => member.id === id);
  if (!found) throw new Error(`the lesson has no ${id}`);
  return found;
}
