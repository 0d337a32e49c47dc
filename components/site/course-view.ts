/** What the course pages draw. Made on the server from the course's files; holds no answers. */
export interface CourseView {
  slug: string;
  id: string;
  title: string;
  summary: string;
  href: string;
  modules: ModuleView[];
}

export interface ModuleView {
  id: string;
  title: string;
  summary: string;
  lessons: LessonCardView[];
}

export interface LessonCardView {
  id: string;
  title: string;
  summary: string;
  href: string;
  minutes: number;
  difficulty: string;
  objectives: string[];
  taskCount: number;
}

/** Answer of `GET /api/courses/:id/me`: what was done of each lesson that was begun, between 0 and 1. */
export interface CourseProgress {
  lessons: Record<string, { done: number; total: number; complete: boolean }>;
}
