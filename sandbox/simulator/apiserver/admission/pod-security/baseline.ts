import type { Container, LifecycleHandler, Probe, SELinuxOptions } from "../../../api/generated/kubernetes";
import { containersOf, counted, distinct, hasOwnUsers, namesOf, plural, quoted, setters, type Check } from "./check";

const APP_ARMOR = "container.apparmor.security.beta.kubernetes.io/";
const CAPABILITIES = [
  "AUDIT_WRITE",
  "CHOWN",
  "DAC_OVERRIDE",
  "FOWNER",
  "FSETID",
  "KILL",
  "MKNOD",
  "NET_BIND_SERVICE",
  "SETFCAP",
  "SETGID",
  "SETPCAP",
  "SETUID",
  "SYS_CHROOT",
];
const SELINUX_TYPES = ["", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"];
const SYSCTLS = [
  "kernel.shm_rmid_forced",
  "net.ipv4.ip_local_port_range",
  "net.ipv4.tcp_syncookies",
  "net.ipv4.ping_group_range",
  "net.ipv4.ip_unprivileged_port_start",
  "net.ipv4.ip_local_reserved_ports",
  "net.ipv4.tcp_keepalive_time",
  "net.ipv4.tcp_fin_timeout",
  "net.ipv4.tcp_keepalive_intvl",
  "net.ipv4.tcp_keepalive_probes",
  "net.ipv4.tcp_rmem",
  "net.ipv4.tcp_wmem",
];

export const appArmorProfile: Check = (spec, { annotations = {} }) => {
  const isFine = (type: string | undefined): boolean => type === undefined || type !== "Unconfined";
  const podIsBad = !isFine(spec.securityContext?.appArmorProfile?.type);
  const names = namesOf(spec, ({ securityContext }) => !isFine(securityContext?.appArmorProfile?.type));
  const bad = Object.entries(annotations).filter(
    ([key, value]) =>
      key.startsWith(APP_ARMOR) && value !== "" && value !== "runtime/default" && !value.startsWith("localhost/"),
  );
  const details = [
    ...(bad.length > 0
      ? [
          `${plural("annotation", bad.length)} ${distinct(bad.map(([key, value]) => `${key}=${JSON.stringify(value)}`)).join(", ")}`,
        ]
      : []),
    ...(podIsBad || names.length > 0
      ? [`${setters(podIsBad, names)} must not set AppArmor profile type to "Unconfined"`]
      : []),
  ];
  if (details.length === 0) return undefined;
  const count = bad.length + names.length + (podIsBad ? 1 : 0);
  return { reason: plural("forbidden AppArmor profile", count), detail: details.join(" and ") };
};

export const baselineCapabilities: Check = (spec) => {
  const added = ({ securityContext }: Container): string[] =>
    (securityContext?.capabilities?.add ?? []).filter((each) => !CAPABILITIES.includes(each));
  const names = namesOf(spec, (container) => added(container).length > 0);
  if (names.length === 0) return undefined;
  const list = quoted(distinct(containersOf(spec).flatMap(added)));
  const detail = `${counted("container", names)} must not include ${list} in securityContext.capabilities.add`;
  return { reason: "non-default capabilities", detail };
};

export const hostNamespaces: Check = (spec) => {
  const shared = (["hostNetwork", "hostPID", "hostIPC"] as const).filter((each) => spec[each]);
  if (shared.length === 0) return undefined;
  return { reason: "host namespaces", detail: shared.map((each) => `${each}=true`).join(", ") };
};

export const hostPathVolumes: Check = (spec) => {
  const names = (spec.volumes ?? []).filter(({ hostPath }) => hostPath).map(({ name }) => name);
  return names.length === 0 ? undefined : { reason: "hostPath volumes", detail: counted("volume", names) };
};

export const hostPorts: Check = (spec) => {
  const used = ({ ports = [] }: Container): string[] =>
    ports.flatMap(({ hostPort }) => (hostPort ? [String(hostPort)] : []));
  const names = namesOf(spec, (container) => used(container).length > 0);
  if (names.length === 0) return undefined;
  const ports = distinct(containersOf(spec).flatMap(used));
  const verb = names.length === 1 ? "uses" : "use";
  const detail = `${counted("container", names)} ${verb} ${plural("hostPort", ports.length)} ${ports.join(", ")}`;
  return { reason: "hostPort", detail };
};

export const hostProbes: Check = (spec) => {
  const hostsOf = (handler: Probe | LifecycleHandler | undefined): string[] =>
    [handler?.httpGet?.host, handler?.tcpSocket?.host].flatMap((host) => host || []);
  const used = (container: Container): string[] =>
    [
      container.livenessProbe,
      container.readinessProbe,
      container.startupProbe,
      container.lifecycle?.postStart,
      container.lifecycle?.preStop,
    ].flatMap(hostsOf);
  const names = distinct(namesOf(spec, (container) => used(container).length > 0));
  if (names.length === 0) return undefined;
  const hosts = distinct(containersOf(spec).flatMap(used));
  const verb = names.length === 1 ? "uses" : "use";
  const what = plural("probe or lifecycle host", hosts.length);
  return {
    reason: "probe or lifecycle host",
    detail: `${counted("container", names)} ${verb} ${what} ${quoted(hosts)}`,
  };
};

export const privileged: Check = (spec) => {
  const names = namesOf(spec, ({ securityContext }) => securityContext?.privileged === true);
  if (names.length === 0) return undefined;
  return {
    reason: "privileged",
    detail: `${counted("container", names)} must not set securityContext.privileged=true`,
  };
};

export const procMount: Check = (spec) => {
  if (hasOwnUsers(spec)) return undefined;
  const mountOf = ({ securityContext }: Container): string => securityContext?.procMount ?? "Default";
  const names = namesOf(spec, (container) => mountOf(container) !== "Default");
  if (names.length === 0) return undefined;
  const mounts = distinct(containersOf(spec).map(mountOf)).filter((each) => each !== "Default");
  const detail = `${counted("container", names)} must not set securityContext.procMount to ${quoted(mounts)}`;
  return { reason: "procMount", detail };
};

export const seLinuxOptions: Check = (spec) => {
  const isBad = (options: SELinuxOptions | undefined): boolean =>
    !SELINUX_TYPES.includes(options?.type ?? "") || Boolean(options?.user) || Boolean(options?.role);
  const podOptions = spec.securityContext?.seLinuxOptions;
  const names = namesOf(spec, ({ securityContext }) => isBad(securityContext?.seLinuxOptions));
  if (!isBad(podOptions) && names.length === 0) return undefined;
  const all = [podOptions, ...containersOf(spec).map(({ securityContext }) => securityContext?.seLinuxOptions)];
  const types = distinct(all.map((each) => each?.type ?? "")).filter((type) => !SELINUX_TYPES.includes(type));
  const faults = [
    ...(types.length > 0 ? [`${plural("type", types.length)} ${quoted(types)}`] : []),
    ...(all.some((each) => each?.user) ? ["user may not be set"] : []),
    ...(all.some((each) => each?.role) ? ["role may not be set"] : []),
  ];
  const who = setters(isBad(podOptions), names);
  return {
    reason: "seLinuxOptions",
    detail: `${who} set forbidden securityContext.seLinuxOptions: ${faults.join("; ")}`,
  };
};

export function isGoodSeccomp(type: string | undefined): boolean {
  return type === "RuntimeDefault" || type === "Localhost";
}

/** A profile that is set has to be a good one. */
export const baselineSeccomp: Check = (spec) => {
  const podType = spec.securityContext?.seccompProfile?.type;
  const typeOf = ({ securityContext }: Container): string | undefined => securityContext?.seccompProfile?.type;
  const isBad = (type: string | undefined): boolean => type !== undefined && !isGoodSeccomp(type);
  const names = namesOf(spec, (container) => isBad(typeOf(container)));
  if (!isBad(podType) && names.length === 0) return undefined;
  const types = distinct([podType, ...containersOf(spec).map(typeOf)].flatMap((type) => (isBad(type) && type) || []));
  const who = setters(isBad(podType), names);
  return {
    reason: "seccompProfile",
    detail: `${who} must not set securityContext.seccompProfile.type to ${quoted(types)}`,
  };
};

export const sysctls: Check = (spec) => {
  const names = (spec.securityContext?.sysctls ?? []).map(({ name }) => name).filter((name) => !SYSCTLS.includes(name));
  return names.length === 0 ? undefined : { reason: "forbidden sysctls", detail: names.join(", ") };
};

export const windowsHostProcess: Check = (spec) => {
  const podIsBad = spec.securityContext?.windowsOptions?.hostProcess === true;
  const names = namesOf(spec, ({ securityContext }) => securityContext?.windowsOptions?.hostProcess === true);
  if (!podIsBad && names.length === 0) return undefined;
  const detail = `${setters(podIsBad, names)} must not set securityContext.windowsOptions.hostProcess=true`;
  return { reason: "hostProcess", detail };
};
