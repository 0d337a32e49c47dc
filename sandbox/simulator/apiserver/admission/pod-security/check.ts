import type { Container, ObjectMeta, PodSpec } from "../../../api/generated/kubernetes";

/** What a check finds wrong with a pod: a short reason and who does what. */
export interface Violation {
  readonly reason: string;
  readonly detail: string;
}

/** One rule of the Pod Security Standards. https://kubernetes.io/docs/concepts/security/pod-security-standards/ */
export type Check = (spec: PodSpec, metadata: ObjectMeta) => Violation | undefined;

/** Init containers, then containers, then ephemeral ones: the order in which messages name them. */
export function containersOf(spec: PodSpec): Container[] {
  return [...(spec.initContainers ?? []), ...spec.containers, ...(spec.ephemeralContainers ?? [])];
}

export function namesOf(spec: PodSpec, isBad: (container: Container) => boolean): string[] {
  return containersOf(spec)
    .filter(isBad)
    .map(({ name }) => name);
}

/** `container "a"`, `containers "a", "b"` */
export function counted(noun: string, names: readonly string[]): string {
  return `${plural(noun, names.length)} ${quoted(names)}`;
}

export function plural(noun: string, count: number): string {
  return count === 1 ? noun : `${noun}s`;
}

export function quoted(texts: readonly string[]): string {
  return texts.map((text) => JSON.stringify(text)).join(", ");
}

export function distinct(texts: readonly string[]): string[] {
  return [...new Set(texts)].sort();
}

/** `pod`, `container "a"`, or both with an "and". */
export function setters(podIsBad: boolean, names: readonly string[]): string {
  return [...(podIsBad ? ["pod"] : []), ...(names.length > 0 ? [counted("container", names)] : [])].join(" and ");
}

/** Pods with users of their own are root in name only. */
export function hasOwnUsers(spec: PodSpec): boolean {
  return spec.hostUsers === false;
}
