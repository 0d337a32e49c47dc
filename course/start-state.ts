import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { z } from "zod";
import { ContentError } from "./content-error";
import type { Lesson } from "./lesson";

const startObjectSchema = z.looseObject({ apiVersion: z.string(), kind: z.string() });

/** What a lesson puts into the cluster and into the learner's home before they begin. */
export interface StartState {
  readonly objects: z.infer<typeof startObjectSchema>[];
  /** Path below the home folder → text. */
  readonly files: Record<string, string>;
}

/** Reads `start/cluster/*.yaml` (objects, in the order of the files' names) and `start/home/**` (files) of a lesson. */
export function loadStartState(lesson: Pick<Lesson, "folder">, root = process.cwd()): StartState {
  const start = `${lesson.folder}/start`;
  const objects = filesBelow(root, `${start}/cluster`).flatMap((file) =>
    objectsOf(file, readFileSync(join(root, file), "utf8")),
  );
  const files = filesBelow(root, `${start}/home`).map((file) => [
    file.slice(`${start}/home/`.length),
    readFileSync(join(root, file), "utf8"),
  ]);
  return { objects, files: Object.fromEntries(files) as Record<string, string> };
}

function objectsOf(file: string, text: string): StartState["objects"] {
  return parseAllDocuments(text).flatMap((document) => {
    if (document.errors.length > 0)
      throw new ContentError(
        file,
        document.errors.map((error) => error.message),
      );
    const value: unknown = document.toJS();
    if (value === null) return [];
    const parsed = startObjectSchema.safeParse(value);
    if (!parsed.success) throw new ContentError(file, ["each document needs apiVersion and kind"]);
    return [parsed.data];
  });
}

function filesBelow(root: string, place: string): string[] {
  if (!existsSync(join(root, place))) return [];
  return readdirSync(join(root, place), { withFileTypes: true })
    .sort((a, b) => a.name.localeCompare(b.name))
    .flatMap((entry) =>
      entry.isDirectory() ? filesBelow(root, `${place}/${entry.name}`) : [`${place}/${entry.name}`],
    );
}
