import type { Node, Taint } from "../../api/generated/kubernetes";

const PREFIX = "node.kubernetes.io/";
const [NOT_READY, UNREACHABLE] = [`${PREFIX}not-ready`, `${PREFIX}unreachable`];
const UNSCHEDULABLE = `${PREFIX}unschedulable`;
const PRESSURES: Readonly<Record<string, string>> = {
  MemoryPressure: `${PREFIX}memory-pressure`,
  DiskPressure: `${PREFIX}disk-pressure`,
  PIDPressure: `${PREFIX}pid-pressure`,
};
const OURS = [NOT_READY, UNREACHABLE, UNSCHEDULABLE, ...Object.values(PRESSURES)];

/** The taints a node should have: https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/#taint-nodes-by-condition */
export function taintsFor({ spec, status }: Node, now: string): Taint[] {
  const wanted: Taint[] = [];
  const add = (key: string, effect: string): void => void wanted.push({ key, effect, timeAdded: now });
  if (spec?.unschedulable) add(UNSCHEDULABLE, "NoSchedule");
  for (const { type, status: value } of status?.conditions ?? []) {
    const pressure = PRESSURES[type];
    if (pressure !== undefined && value === "True") add(pressure, "NoSchedule");
    if (type !== "Ready" || value === "True") continue;
    const key = value === "Unknown" ? UNREACHABLE : NOT_READY;
    add(key, "NoSchedule");
    add(key, "NoExecute");
  }
  const present = spec?.taints ?? [];
  const kept = present.filter((taint) => !OURS.includes(taint.key) || wanted.some((each) => isSame(each, taint)));
  return [...kept, ...wanted.filter((each) => !present.some((taint) => isSame(each, taint)))];
}

function isSame(a: Taint, b: Taint): boolean {
  return a.key === b.key && a.effect === b.effect;
}
