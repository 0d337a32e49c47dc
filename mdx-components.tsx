import type { MDXComponents } from "mdx/types";

// A lesson page hands its own components (tasks, quizzes, commands) to the MDX body; nothing is global.
export function useMDXComponents(): MDXComponents {
  return {};
}
