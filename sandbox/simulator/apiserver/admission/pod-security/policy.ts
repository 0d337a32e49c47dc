import type { ObjectMeta, PodSpec } from "../../../api/generated/kubernetes";
import {
  appArmorProfile,
  baselineCapabilities,
  baselineSeccomp,
  hostNamespaces,
  hostPathVolumes,
  hostPorts,
  hostProbes,
  privileged,
  procMount,
  seLinuxOptions,
  sysctls,
  windowsHostProcess,
} from "./baseline";
import type { Check, Violation } from "./check";
import {
  allowPrivilegeEscalation,
  restrictedCapabilities,
  restrictedSeccomp,
  restrictedVolumes,
  runAsNonRoot,
  runAsUser,
} from "./restricted";

export const LEVELS = ["privileged", "baseline", "restricted"] as const;
export const PREFIX = "pod-security.kubernetes.io/";
export type Mode = "enforce" | "audit" | "warn";
export type Level = (typeof LEVELS)[number];

/** A level and the version of Kubernetes whose idea of it counts, as messages write it: `baseline:latest`. */
export interface Policy {
  readonly level: Level;
  readonly name: string;
}

/** What a namespace's labels ask for. */
export function policyOf(labels: Readonly<Record<string, string>> | undefined, mode: Mode): Policy {
  const wanted = labels?.[PREFIX + mode];
  const version = labels?.[`${PREFIX}${mode}-version`] ?? "latest";
  if (wanted === undefined) return { level: "privileged", name: `privileged:${version}` };
  const level = LEVELS.find((each) => each === wanted) ?? "restricted";
  return { level, name: `${level}:${version}` };
}

export function violationsOf({ level }: Policy, spec: PodSpec, metadata: ObjectMeta = {}): Violation[] {
  return CHECKS[level].flatMap((check) => check(spec, metadata) ?? []);
}

/** `hostPort (container "a" uses hostPort 80), …` */
export function describeViolations(violations: readonly Violation[]): string {
  return violations.map(({ reason, detail }) => `${reason} (${detail})`).join(", ");
}

const EVERYWHERE: readonly Check[] = [
  hostNamespaces,
  hostPathVolumes,
  hostPorts,
  hostProbes,
  privileged,
  procMount,
  seLinuxOptions,
];

/** In the order in which messages list them. A stricter rule about the same thing replaces the looser one. */
const CHECKS: Readonly<Record<Level, readonly Check[]>> = {
  privileged: [],
  baseline: [appArmorProfile, baselineCapabilities, ...EVERYWHERE, baselineSeccomp, sysctls, windowsHostProcess],
  restricted: [
    appArmorProfile,
    ...EVERYWHERE,
    sysctls,
    windowsHostProcess,
    allowPrivilegeEscalation,
    restrictedCapabilities,
    restrictedVolumes,
    runAsNonRoot,
    runAsUser,
    restrictedSeccomp,
  ],
};
