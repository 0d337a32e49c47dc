import type { Pod } from "../api/generated/kubernetes";

/** Names of a pod's containers; `main` are those of `spec.containers`. */
export function containerNames({ spec }: Pod): { all: string[]; main: string[] } {
  const names = (list: readonly { name: string }[] | undefined): string[] => (list ?? []).map(({ name }) => name);
  const main = names(spec?.containers);
  return { main, all: [...main, ...names(spec?.initContainers), ...names(spec?.ephemeralContainers)] };
}
