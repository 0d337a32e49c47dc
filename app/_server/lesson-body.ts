import type { ComponentType } from "react";
import type { MDXComponents } from "mdx/types";
import type { Lesson } from "@/course/lesson";

const ROOT = "content/courses/";

/** The text of a lesson as a component; compiled when the site is built. */
export async function lessonBody(lesson: Lesson): Promise<ComponentType<{ components: MDXComponents }>> {
  const [course, module, folder] = lesson.folder.slice(ROOT.length).split("/");
  const { default: Body } = await import(`@/content/courses/${course}/${module}/${folder}/lesson.mdx`);
  return Body;
}
