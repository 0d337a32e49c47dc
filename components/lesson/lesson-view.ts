/** What a lesson page draws. Made on the server, part of the prerendered page: holds no answers and nothing personal. */
export interface LessonView {
  id: string;
  courseId: string;
  revision: string;
  title: string;
  minutes: number;
  difficulty: string;
  objectives: string[];
  course: { title: string; href: string };
  module: { title: string };
  tasks: TaskView[];
  quizzes: QuizView[];
  predictions: PredictionView[];
  next?: { title: string; href: string };
}

export interface TaskView {
  id: string;
  title: string;
  hints: string[];
}

export interface OptionView {
  id: string;
  text: string;
}

export interface QuizView {
  id: string;
  question: string;
  options: OptionView[];
  /** More than one option is correct; all of them have to be chosen. */
  several: boolean;
}

export interface PredictionView {
  id: string;
  question: string;
  options: OptionView[];
}
