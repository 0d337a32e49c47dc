import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ContentError } from "./content-error";
import { loadCourses } from "./loader";

const LESSON = "content/courses/kubernetes-services/01-why-services/01-pods-come-and-go";

describe("loadCourses", () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "courses-"));
    cpSync("content/courses", join(root, "content/courses"), { recursive: true });
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const edit = (file: string, change: (text: string) => string): void => {
    const path = join(root, LESSON, file);
    writeFileSync(path, change(readFileSync(path, "utf8")));
  };
  const problemsOf = (load: () => unknown): readonly string[] => {
    try {
      load();
    } catch (error) {
      if (error instanceof ContentError) return error.problems;
      throw error;
    }
    return [];
  };

  it("loads the courses of this checkout, slugs without their numbers", () => {
    const [course] = loadCourses(root);
    expect(course?.slug).toBe("kubernetes-services");
    expect(course?.modules[0]?.lessons[0]).toMatchObject({
      id: "pods-come-and-go",
      slug: "pods-come-and-go",
      folder: LESSON,
    });
  });

  it("gives a lesson another revision when any of its files changes", () => {
    const before = loadCourses(root)[0]?.modules[0]?.lessons[0]?.revision;
    edit("solution.sh", (text) => `${text}\n`);
    expect(loadCourses(root)[0]?.modules[0]?.lessons[0]?.revision).not.toBe(before);
  });

  it("names the task that no check looks at", () => {
    edit("checks.yaml", (text) => text.replaceAll("task: replace-a-pod", "task: run-three-pods"));
    expect(problemsOf(() => loadCourses(root))).toEqual(["the task replace-a-pod has no check"]);
  });

  it("names a component of the text that the front matter does not know, and one that is missing", () => {
    edit("lesson.mdx", (text) => text.replace('<Quiz id="why-not-the-pod-ip" />', '<Quiz id="nope" />'));
    expect(problemsOf(() => loadCourses(root))).toEqual([
      '<Quiz id="why-not-the-pod-ip" /> stands 0 times in the text; once is right',
      '<Quiz id="nope" /> is not in the front matter',
    ]);
  });

  it("says the line of a YAML mistake", () => {
    edit("lesson.mdx", (text) => text.replace("minutes: 20", "minutes: [20"));
    expect(problemsOf(() => loadCourses(root))[0]).toMatch(/^line \d+: /);
  });

  it("refuses a quiz without a correct option", () => {
    edit("lesson.mdx", (text) =>
      text.replace("        correct: true\n        feedback: Yes.", "        feedback: Yes."),
    );
    expect(problemsOf(() => loadCourses(root))[0]).toMatch(/a quiz needs a correct option/);
  });
});
