import type { ComponentType } from "react";
import type { MDXComponents } from "mdx/types";
import type { Lesson } from "@/course/lesson";

interface LessonText {
  default: ComponentType<{ components: MDXComponents }>;
}

const ROOT = "content/courses/";

/** The text of a lesson as a component; compiled when the site is built. */
export async function lessonBody(lesson: Lesson): Promise<LessonText["default"]> {
  const [course, module, folder] = lesson.folder.slice(ROOT.length).split("/");
  const text = (await import(`@/content/courses/${course}/${module}/${folder}/lesson.mdx`)) as LessonText;
  return text.default;
}
