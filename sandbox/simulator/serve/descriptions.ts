import { readFileSync } from "node:fs";
import type { Descriptions } from "../schema/openapi";

// Beside the sources, and from a bundle in the project's dist/.
const PLACES = ["../schema/generated/descriptions.json", "../sandbox/simulator/schema/generated/descriptions.json"];

/**
 * The texts for `kubectl explain` that `npm run generate` made; `undefined` when it has not. For `OpenApiPublisher`,
 * which calls it once, when the first document is asked for.
 */
export function loadDescriptions(): Descriptions | undefined {
  for (const place of PLACES) {
    const text = readIfThere(new URL(place, import.meta.url));
    // Our own generator wrote it.
    if (text !== undefined) return JSON.parse(text) as Descriptions;
  }
  return undefined;
}

function readIfThere(file: URL): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
