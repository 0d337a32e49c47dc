import { readFileSync } from "node:fs";
import { join } from "node:path";
import { LineCounter, parseDocument } from "yaml";
import type { z } from "zod";
import { ContentError } from "./content-error";

/** Reads a YAML file of an author and checks its shape. Throws `ContentError` with line numbers. */
export function readYaml<Schema extends z.ZodType>(root: string, file: string, schema: Schema): z.infer<Schema> {
  return parseYaml(file, readText(root, file), schema);
}

/** The front matter of an MDX file (between the first two lines `---`), checked. */
export function readFrontMatter<Schema extends z.ZodType>(root: string, file: string, schema: Schema): z.infer<Schema> {
  const match = /^---\n([\s\S]*?)\n---\n/.exec(readText(root, file));
  if (!match) throw new ContentError(file, ["it must begin with front matter between two lines of ---"]);
  return parseYaml(file, match[1] ?? "", schema, 1);
}

export function readText(root: string, file: string): string {
  try {
    return readFileSync(join(root, file), "utf8");
  } catch (cause) {
    throw new ContentError(file, ["it cannot be read"], { cause });
  }
}

function parseYaml<Schema extends z.ZodType>(
  file: string,
  text: string,
  schema: Schema,
  linesBefore = 0,
): z.infer<Schema> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [syntaxError] = document.errors;
  if (syntaxError) {
    throw new ContentError(file, [
      `line ${lines.linePos(syntaxError.pos[0]).line + linesBefore}: ${syntaxError.message}`,
    ]);
  }
  const result = schema.safeParse(document.toJS());
  if (result.success) return result.data;
  throw new ContentError(
    file,
    result.error.issues.map((issue) => `${issue.path.join(".") || "the whole"}: ${issue.message}`),
  );
}
