import { z } from "zod";
import type { CourseProgress } from "./course-view";

const courseProgressSchema = z.object({
  lessons: z.record(z.string(), z.object({ done: z.number(), total: z.number(), complete: z.boolean() })),
});

interface CourseProgressStore {
  subscribe: (listener: () => void) => () => void;
  get: () => CourseProgress | undefined;
}

const stores = new Map<string, CourseProgressStore>();

/** One store, and one request, per course and page load. Without an account or without a network it stays empty. */
export function courseProgressStore(courseId: string): CourseProgressStore {
  const known = stores.get(courseId);
  if (known) return known;
  const store = createStore(courseId);
  stores.set(courseId, store);
  return store;
}

function createStore(courseId: string): CourseProgressStore {
  const listeners = new Set<() => void>();
  let progress: CourseProgress | undefined;
  let asked = false;

  async function load(): Promise<void> {
    try {
      const response = await fetch(`/api/courses/${encodeURIComponent(courseId)}/me`);
      if (!response.ok) return;
      progress = courseProgressSchema.parse(await response.json());
      for (const listener of listeners) listener();
    } catch {
      // The page is whole without progress; it shows none rather than an error.
    }
  }

  return {
    subscribe(listener) {
      listeners.add(listener);
      if (!asked) {
        asked = true;
        void load();
      }
      return () => listeners.delete(listener);
    },
    get: () => progress,
  };
}
