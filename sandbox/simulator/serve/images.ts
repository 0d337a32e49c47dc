import { readdirSync, readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";
import { standardImages } from "../containers/images/catalogue";
import { joinCatalogues, catalogueOf, type ImageCatalogue } from "../containers/images/image";
import { imagesFromFile } from "../containers/images/image-file";

// Beside the sources, and from a bundle in the project's dist/.
const PLACES = ["../../../content/images/", "../content/images/"];

/**
 * The images of the simulated registries: the standard ones and those of `content/images/*.yaml`. Throws an error that
 * names the file for one that cannot be read.
 */
export function loadImages(): ImageCatalogue {
  const folder = PLACES.map((place) => new URL(place, import.meta.url)).find(exists);
  if (!folder) return standardImages();
  const files = readdirSync(folder)
    .filter((name) => name.endsWith(".yaml"))
    .sort();
  return joinCatalogues(standardImages(), catalogueOf(files.flatMap((name) => read(new URL(name, folder), name))));
}

function read(file: URL, name: string): ReturnType<typeof imagesFromFile> {
  try {
    return imagesFromFile(parse(readFileSync(file, "utf8")));
  } catch (cause) {
    const reason = cause instanceof z.ZodError ? z.prettifyError(cause) : String(cause);
    throw new Error(`content/images/${name}: ${reason}`, { cause });
  }
}

function exists(folder: URL): boolean {
  try {
    readdirSync(folder);
    return true;
  } catch {
    // Not there: the next place is tried.
    return false;
  }
}
