import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { checksDocumentSchema, type ChecksDocument } from "@/sandbox/protocol/checks";
import { ContentError } from "./content-error";
import {
  courseFileSchema,
  lessonFrontMatterSchema,
  moduleFileSchema,
  type Course,
  type CourseModule,
  type Lesson,
  type LessonFrontMatter,
} from "./lesson";
import { readFrontMatter, readText, readYaml } from "./read";

const COURSES = "content/courses";

/**
 * All courses below `root`, in the order of their folders' names. Throws `ContentError` for the first thing an author has
 * to mend, including ids used twice, tasks without checks and components in the text that name nothing.
 */
export function loadCourses(root = process.cwd()): Course[] {
  const courses = foldersIn(root, COURSES).map((folder) => loadCourse(root, `${COURSES}/${folder}`));
  const lessons = courses.flatMap((course) => course.modules.flatMap((module) => module.lessons));
  assertUnique("lesson", lessons);
  assertUnique("course", courses);
  return courses;
}

/** The checks of a lesson. */
export function loadChecks(lesson: Pick<Lesson, "folder">, root = process.cwd()): ChecksDocument {
  return readYaml(root, `${lesson.folder}/checks.yaml`, checksDocumentSchema);
}

function loadCourse(root: string, folder: string): Course {
  const file = readYaml(root, `${folder}/course.yaml`, courseFileSchema);
  const modules = foldersIn(root, folder).map((name) => loadModule(root, `${folder}/${name}`));
  return { ...file, slug: slugOf(folder), modules };
}

function loadModule(root: string, folder: string): CourseModule {
  const file = readYaml(root, `${folder}/module.yaml`, moduleFileSchema);
  const lessons = foldersIn(root, folder).map((name) => loadLesson(root, `${folder}/${name}`));
  return { ...file, slug: slugOf(folder), lessons };
}

function loadLesson(root: string, folder: string): Lesson {
  const file = `${folder}/lesson.mdx`;
  const frontMatter = readFrontMatter(root, file, lessonFrontMatterSchema);
  assertTextMatches(file, readText(root, file), frontMatter);
  assertTasksHaveChecks(`${folder}/checks.yaml`, loadChecks({ folder }, root), frontMatter);
  return { ...frontMatter, slug: slugOf(folder), revision: revisionOf(root, folder), folder };
}

/** A hash over all of a lesson's files, names and bytes: twelve hex digits. */
function revisionOf(root: string, folder: string): string {
  const hash = createHash("sha256");
  const visit = (place: string): void => {
    for (const name of readdirSync(join(root, place)).sort()) {
      const child = `${place}/${name}`;
      if (statSync(join(root, child)).isDirectory()) visit(child);
      else
        hash
          .update(`${child.slice(folder.length)}\0`)
          .update(readFileSync(join(root, child)))
          .update("\0");
    }
  };
  visit(folder);
  return hash.digest("hex").slice(0, 12);
}

/** Every task, quiz and prediction stands in the text exactly once, and the text names no other. */
function assertTextMatches(file: string, text: string, lesson: LessonFrontMatter): void {
  const problems: string[] = [];
  const groups = { Task: lesson.tasks, Quiz: lesson.quizzes, Prediction: lesson.predictions };
  for (const [component, members] of Object.entries(groups)) {
    const named = [...text.matchAll(new RegExp(`<${component}\\s[^>]*?id="([^"]*)"`, "g"))].map((match) => match[1]);
    for (const member of members) {
      const count = named.filter((name) => name === member.id).length;
      if (count !== 1)
        problems.push(`<${component} id="${member.id}" /> stands ${count} times in the text; once is right`);
    }
    for (const name of named) {
      if (!members.some((member) => member.id === name))
        problems.push(`<${component} id="${name}" /> is not in the front matter`);
    }
  }
  if (problems.length > 0) throw new ContentError(file, problems);
}

function assertTasksHaveChecks(file: string, checks: ChecksDocument, lesson: LessonFrontMatter): void {
  const checked = new Set(checks.checks.map((check) => check.task));
  const problems = [
    ...lesson.tasks.filter((task) => !checked.has(task.id)).map((task) => `the task ${task.id} has no check`),
    ...[...checked].filter((id) => !lesson.tasks.some((task) => task.id === id)).map((id) => `there is no task ${id}`),
  ];
  if (problems.length > 0) throw new ContentError(file, problems);
}

function assertUnique(what: string, members: readonly { id: string }[]): void {
  const seen = new Set<string>();
  for (const { id } of members) {
    if (seen.has(id)) throw new ContentError(COURSES, [`two have the ${what} id ${id}`]);
    seen.add(id);
  }
}

function foldersIn(root: string, place: string): string[] {
  if (!existsSync(join(root, place))) throw new ContentError(place, ["there is no such folder"]);
  return readdirSync(join(root, place), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

/** The folder's name without its number: `01-pods-come-and-go` → `pods-come-and-go`. */
function slugOf(folder: string): string {
  return (folder.split("/").at(-1) ?? folder).replace(/^\d+-/, "");
}
