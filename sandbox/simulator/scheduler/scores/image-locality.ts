import type { Choice } from "./scores";

const MEBIBYTE = 1024 * 1024;
const LEAST_BYTES = 23 * MEBIBYTE;
const MOST_BYTES = 1000 * MEBIBYTE;

/**
 * Nodes that hold a pod's images already, the larger the better. Images count by the names nodes report, which are
 * whole ones: `nginx:1.27` of a pod is not `docker.io/library/nginx:1.27` of a node.
 */
export function imageLocality({ candidate: { pod }, fitting, nodes }: Choice): number[] {
  const containers = [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])];
  const most = MOST_BYTES * containers.length;
  const wanted = containers.map(({ image = "" }) => withTag(image));
  const sizes = nodes.map(({ node }) => sizesOf(node.status?.images ?? [], wanted));
  const holders = (name: string) => sizes.filter((each) => each.has(name)).length;
  return fitting.map(({ node }) => {
    const here = sizesOf(node.status?.images ?? [], wanted);
    const sum = wanted.reduce(
      (total, name) => total + Math.floor(((here.get(name) ?? 0) * holders(name)) / Math.max(1, nodes.length)),
      0,
    );
    const bytes = Math.min(Math.max(sum, LEAST_BYTES), most);
    return Math.max(0, Math.floor((100 * (bytes - LEAST_BYTES)) / (most - LEAST_BYTES)));
  });
}

function sizesOf(
  images: readonly { readonly names?: readonly string[]; readonly sizeBytes?: number }[],
  wanted: readonly string[],
): ReadonlyMap<string, number> {
  const sizes = new Map<string, number>();
  for (const { names = [], sizeBytes = 0 } of images) {
    for (const name of names) if (wanted.includes(name)) sizes.set(name, sizeBytes);
  }
  return sizes;
}

function withTag(image: string): string {
  return image.lastIndexOf(":") <= image.lastIndexOf("/") ? `${image}:latest` : image;
}
