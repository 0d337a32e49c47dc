import type { LabelSelector, ObjectMeta, PodTemplateSpec } from "../api/generated/kubernetes";
import { formatSelector, selectorFrom } from "../api/labels";
import { age } from "./duration";

/** Cells that many kinds print alike. */

export function nameCell({ metadata }: { metadata?: ObjectMeta }): string {
  return metadata?.name ?? "";
}

export function ageCell({ metadata }: { metadata?: ObjectMeta }, now: number): string {
  return age(metadata?.creationTimestamp, now);
}

/** Names and images of the containers, each joined by commas. */
export function containerCells(template: PodTemplateSpec | undefined): [names: string, images: string] {
  const containers = template?.spec?.containers ?? [];
  return [containers.map(({ name }) => name).join(","), containers.map(({ image }) => image ?? "").join(",")];
}

export function selectorCell(selector: LabelSelector | undefined): string {
  return formatSelector(selectorFrom(selector) ?? []) || "<none>";
}

export function labelsCell(labels: Readonly<Record<string, string>> | undefined): string {
  const entries = Object.entries(labels ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.length === 0 ? "<none>" : entries.map(([key, value]) => `${key}=${value}`).join(",");
}

/** The first three and how many more there are. */
export function firstThree(texts: readonly string[], none: string): string {
  if (texts.length === 0) return none;
  const shown = texts.slice(0, 3).join(",");
  return texts.length > 3 ? `${shown} + ${texts.length - 3} more...` : shown;
}

/** `True`, `False` or `<unset>`. */
export function booleanCell(value: boolean | undefined): string {
  return value === undefined ? "<unset>" : value ? "True" : "False";
}

const ACCESS_MODES: Readonly<Record<string, string>> = {
  ReadWriteOnce: "RWO",
  ReadOnlyMany: "ROX",
  ReadWriteMany: "RWX",
  ReadWriteOncePod: "RWOP",
};

export function accessModesCell(modes: readonly string[] | undefined): string {
  const order = Object.keys(ACCESS_MODES);
  return order
    .filter((mode) => modes?.includes(mode))
    .map((mode) => ACCESS_MODES[mode])
    .join(",");
}
