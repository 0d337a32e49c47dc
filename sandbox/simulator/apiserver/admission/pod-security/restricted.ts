import type { Container, Volume } from "../../../api/generated/kubernetes";
import { baselineSeccomp, isGoodSeccomp } from "./baseline";
import { containersOf, counted, distinct, hasOwnUsers, namesOf, plural, quoted, setters, type Check } from "./check";

const VOLUMES = [
  "configMap",
  "csi",
  "downwardAPI",
  "emptyDir",
  "ephemeral",
  "image",
  "persistentVolumeClaim",
  "projected",
  "secret",
];

export const allowPrivilegeEscalation: Check = (spec) => {
  const names = namesOf(spec, ({ securityContext }) => securityContext?.allowPrivilegeEscalation !== false);
  if (names.length === 0) return undefined;
  const detail = `${counted("container", names)} must set securityContext.allowPrivilegeEscalation=false`;
  return { reason: "allowPrivilegeEscalation != false", detail };
};

export const restrictedCapabilities: Check = (spec) => {
  const added = ({ securityContext }: Container): string[] =>
    (securityContext?.capabilities?.add ?? []).filter((each) => each !== "NET_BIND_SERVICE");
  const keeping = namesOf(spec, ({ securityContext }) => !securityContext?.capabilities?.drop?.includes("ALL"));
  const adding = namesOf(spec, (container) => added(container).length > 0);
  const list = quoted(distinct(containersOf(spec).flatMap(added)));
  const details = [
    ...(keeping.length > 0
      ? [`${counted("container", keeping)} must set securityContext.capabilities.drop=["ALL"]`]
      : []),
    ...(adding.length > 0
      ? [`${counted("container", adding)} must not include ${list} in securityContext.capabilities.add`]
      : []),
  ];
  return details.length === 0 ? undefined : { reason: "unrestricted capabilities", detail: details.join("; ") };
};

export const restrictedVolumes: Check = (spec) => {
  const typeOf = (volume: Volume): string => Object.keys(volume).find((key) => key !== "name") ?? "unknown";
  const bad = (spec.volumes ?? []).filter((volume) => !VOLUMES.includes(typeOf(volume)));
  if (bad.length === 0) return undefined;
  const names = bad.map(({ name }) => name);
  const types = distinct(bad.map(typeOf));
  const verb = names.length === 1 ? "uses" : "use";
  const what = plural("restricted volume type", types.length);
  return { reason: "restricted volume types", detail: `${counted("volume", names)} ${verb} ${what} ${quoted(types)}` };
};

export const runAsNonRoot: Check = (spec) => {
  if (hasOwnUsers(spec)) return undefined;
  const pod = spec.securityContext?.runAsNonRoot;
  const reason = "runAsNonRoot != true";
  const refusing = namesOf(spec, ({ securityContext }) => securityContext?.runAsNonRoot === false);
  if (pod === false || refusing.length > 0) {
    const who = setters(pod === false, refusing);
    return { reason, detail: `${who} must not set securityContext.runAsNonRoot=false` };
  }
  const silent = namesOf(spec, ({ securityContext }) => securityContext?.runAsNonRoot === undefined);
  if (pod || silent.length === 0) return undefined;
  return { reason, detail: `pod or ${counted("container", silent)} must set securityContext.runAsNonRoot=true` };
};

export const runAsUser: Check = (spec) => {
  if (hasOwnUsers(spec)) return undefined;
  const podIsBad = spec.securityContext?.runAsUser === 0;
  const names = namesOf(spec, ({ securityContext }) => securityContext?.runAsUser === 0);
  if (!podIsBad && names.length === 0) return undefined;
  return { reason: "runAsUser=0", detail: `${setters(podIsBad, names)} must not set runAsUser=0` };
};

/** A good profile has to be set. */
export const restrictedSeccomp: Check = (spec, metadata) => {
  const bad = baselineSeccomp(spec, metadata);
  if (bad) return bad;
  const silent = namesOf(spec, ({ securityContext }) => securityContext?.seccompProfile === undefined);
  if (isGoodSeccomp(spec.securityContext?.seccompProfile?.type) || silent.length === 0) return undefined;
  const who = `pod or ${counted("container", silent)}`;
  const detail = `${who} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"`;
  return { reason: "seccompProfile", detail };
};
