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
  /** Which nodes hold it from the start: those that run learners' pods are warm, as after a first lesson. */
  readonly preloaded: "everywhere" | "workers" | "nowhere";
  tree(): ImageDirectory;
}

/** The registries of the simulated world. */
export interface ImageCatalogue {
  /** By whole name, as `parseReference` writes it. */
  find(reference: string): Image | undefined;
  /** What a node holds from the start. */
  preloaded(node: "control plane" | "worker"): readonly Image[];
}

/** All images of several catalogues; of two with the same reference the first counts. */
export function joinCatalogues(...catalogues: readonly ImageCatalogue[]): ImageCatalogue {
  return {
    find: (reference) => catalogues.map((each) => each.find(reference)).find((image) => image !== undefined),
    preloaded: (node) => catalogues.flatMap((each) => each.preloaded(node)),
  };
}

/** A set of images by reference; `trees` are built when first asked for. */
export function catalogueOf(images: readonly Image[]): ImageCatalogue {
  const byReference = new Map(images.map((image) => [image.reference, image]));
  const everywhere = images.filter(({ preloaded }) => preloaded === "everywhere");
  const onWorkers = images.filter(({ preloaded }) => preloaded !== "nowhere");
  return {
    find: (reference) => byReference.get(reference),
    preloaded: (node) => (node === "worker" ? onWorkers : everywhere),
  };
}
