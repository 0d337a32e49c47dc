import { z } from "zod";
import { sha256Hex } from "../applets/digest";
import { buildImageTree, type ImageDirectory, type ImageEntry } from "../filesystem/image-tree";
import { programs } from "../programs";
import { parseSignal } from "../processes/signals";
import { alpineEntries } from "./busybox";
import { debianEntries } from "./debian";
import type { Image } from "./image";

const path = z.string().regex(/^\/[^\0]*$/, "an absolute path");
const mode = z.number().int().min(0).max(0o7777).optional();
const uid = z.number().int().nonnegative().optional();

const program = z.string().refine((name) => programs.has(name), {
  error: (issue) => `there is no program ${String(issue.input)}`,
});

const entrySchema = z.union([
  z.strictObject({ path, text: z.string(), mode, uid }),
  z.strictObject({ path, program, mode }),
  z.strictObject({ path, link: z.string().min(1) }),
  z.strictObject({ path, folder: z.literal(true), mode, uid }),
]);

const words = z.array(z.string()).default([]);

/**
 * An image as an author writes it (`content/images/*.yaml`): one repository, its tags, a base with the usual tools, and
 * the files it adds. A file is a text, a link, a folder, or one of the programs that the containers know.
 */
export const imageFileSchema = z.strictObject({
  /** In full: `docker.io/library/alpine`. */
  repository: z.string().regex(/^[a-z0-9.-]+(:\d+)?(\/[a-z0-9._-]+)+$/, "a repository in full, with its registry"),
  tags: z.array(z.string().regex(/^[\w][\w.-]{0,127}$/)).min(1),
  base: z.enum(["alpine", "debian", "scratch"]),
  sizeBytes: z.number().int().positive(),
  entrypoint: words,
  command: words,
  env: z.record(z.string(), z.string()).default({}),
  workingDir: path.default("/"),
  user: z.string().default("0"),
  stopSignal: z
    .string()
    .transform(
      (name, context) =>
        parseSignal(name) ?? (context.addIssue({ code: "custom", message: "no such signal" }), z.NEVER),
    )
    .default("TERM"),
  files: z.array(entrySchema).default([]),
});

const STANDARD_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const BUILT_AT = Date.UTC(2026, 9, 14, 18, 22, 5);

/** One image per tag. Throws `ZodError` for what is not as `imageFileSchema` says. */
export function imagesFromFile(value: unknown): Image[] {
  const { repository, tags, base, files, env, ...rest } = imageFileSchema.parse(value);
  let tree: ImageDirectory | undefined;
  const build = (): ImageDirectory => (tree ??= buildImageTree([...baseEntries(base), ...files], BUILT_AT));
  const identity = `${repository}:${tags.join(",")}/${rest.sizeBytes}`;
  const digest = `sha256:${sha256Hex(new TextEncoder().encode(identity))}`;
  return tags.map((tag) => ({
    ...rest,
    reference: `${repository}:${tag}`,
    digest,
    env: { PATH: STANDARD_PATH, ...env },
    preloaded: "nowhere" as const,
    tree: build,
  }));
}

function baseEntries(base: "alpine" | "debian" | "scratch"): readonly ImageEntry[] {
  if (base === "alpine") return alpineEntries();
  return base === "debian" ? debianEntries() : [];
}
