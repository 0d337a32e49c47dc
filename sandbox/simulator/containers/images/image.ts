import type { ImageDirectory } from "../filesystem/image-tree";
import type { Signal } from "../processes/signals";

/** An image as a node holds it: how to start it, and its files (built once, frozen, shared). */
export interface Image {
  /** `docker.io/library/nginx:1.27` */
  readonly reference: string;
  /** `sha256:…` */
  readonly digest: string;
  readonly sizeBytes: number;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly workingDir: string;
  /** A name or number of its /etc/passwd. */
  readonly user: string;
  readonly stopSignal: Signal;
  /** On every node from the start. */
  readonly preloaded: boolean;
  tree(): ImageDirectory;
}

/** The registries of the simulated world. */
export interface ImageCatalogue {
  /** By whole name, as `parseReference` writes it. */
  find(reference: string): Image | undefined;
  preloaded(): readonly Image[];
}

/** All images of several catalogues; of two with the same reference the first counts. */
export function joinCatalogues(...catalogues: readonly ImageCatalogue[]): ImageCatalogue {
  return {
    find: (reference) => catalogues.map((each) => each.find(reference)).find((image) => image !== undefined),
    preloaded: () => catalogues.flatMap((each) => each.preloaded()),
  };
}

/** A set of images by reference; `trees` are built when first asked for. */
export function catalogueOf(images: readonly Image[]): ImageCatalogue {
  const byReference = new Map(images.map((image) => [image.reference, image]));
  const preloaded = images.filter((image) => image.preloaded);
  return { find: (reference) => byReference.get(reference), preloaded: () => preloaded };
}
