import type { Container, EnvVar, LifecycleHandler, PodSpec, Probe, Volume } from "../api/generated/kubernetes";
import { asSent } from "./as-sent";
import { canonicalQuantities } from "../api/quantity";

type AnyContainer = Omit<Container, never>;

/**
 * What a pod template's spec gets when the client is silent.
 * https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#PodSpec
 */
export function defaultPodSpec(spec: PodSpec): void {
  spec.dnsPolicy ||= "ClusterFirst";
  spec.restartPolicy ||= "Always";
  spec.schedulerName ||= "default-scheduler";
  spec.securityContext ??= {};
  spec.terminationGracePeriodSeconds ??= 30;
  // Two names for one thing: the server always shows both.
  spec.serviceAccountName ||= spec.serviceAccount;
  if (spec.serviceAccountName) spec.serviceAccount = spec.serviceAccountName;
  else delete spec.serviceAccountName;
  for (const container of allContainers(spec)) {
    defaultContainer(container);
    if (spec.hostNetwork) for (const port of container.ports ?? []) port.hostPort ||= port.containerPort;
  }
  for (const volume of spec.volumes ?? []) defaultVolume(volume);
  canonicalQuantities(spec.overhead);
}

export function allContainers(spec: PodSpec): AnyContainer[] {
  return [...(spec.initContainers ?? []), ...(asSent(spec.containers) ?? []), ...(spec.ephemeralContainers ?? [])];
}

function defaultContainer(container: AnyContainer): void {
  container.imagePullPolicy ||= isLatest(container.image ?? "") ? "Always" : "IfNotPresent";
  container.terminationMessagePath ||= "/dev/termination-log";
  container.terminationMessagePolicy ||= "File";
  container.resources ??= {};
  canonicalQuantities(container.resources.limits);
  canonicalQuantities(container.resources.requests);
  for (const port of container.ports ?? []) port.protocol ||= "TCP";
  for (const variable of container.env ?? []) defaultVariable(variable);
  for (const probe of [container.livenessProbe, container.readinessProbe, container.startupProbe]) {
    if (probe) defaultProbe(probe);
  }
  for (const handler of [container.lifecycle?.postStart, container.lifecycle?.preStop])
    if (handler) defaultHandler(handler);
}

/** No tag or `:latest` means: ask the registry every time. A digest never does. */
function isLatest(image: string): boolean {
  if (image.includes("@")) return false;
  const tag = /:([^:/]+)$/.exec(image)?.[1];
  return tag === undefined || tag === "latest";
}

function defaultVariable(variable: EnvVar): void {
  const { fieldRef, resourceFieldRef } = variable.valueFrom ?? {};
  if (fieldRef) fieldRef.apiVersion ||= "v1";
  if (resourceFieldRef) resourceFieldRef.divisor ||= "0";
}

function defaultProbe(probe: Probe): void {
  probe.timeoutSeconds ||= 1;
  probe.periodSeconds ||= 10;
  probe.successThreshold ||= 1;
  probe.failureThreshold ||= 3;
  if (probe.grpc) probe.grpc.service ??= "";
  defaultHandler(probe);
}

function defaultHandler(handler: Pick<LifecycleHandler, "httpGet">): void {
  if (!handler.httpGet) return;
  handler.httpGet.path ||= "/";
  handler.httpGet.scheme ||= "HTTP";
}

function defaultVolume(volume: Volume): void {
  if (Object.keys(volume).every((key) => key === "name")) volume.emptyDir = {};
  for (const source of [volume.secret, volume.configMap, volume.projected, volume.downwardAPI]) {
    if (source) source.defaultMode ??= 0o644;
  }
  if (volume.hostPath) volume.hostPath.type ??= "";
  if (volume.image) volume.image.pullPolicy ||= isLatest(volume.image.reference ?? "") ? "Always" : "IfNotPresent";
  if (volume.ephemeral?.volumeClaimTemplate) volume.ephemeral.volumeClaimTemplate.spec.volumeMode ||= "Filesystem";
  for (const item of volume.downwardAPI?.items ?? []) if (item.fieldRef) item.fieldRef.apiVersion ||= "v1";
  for (const source of volume.projected?.sources ?? []) {
    if (source.serviceAccountToken) source.serviceAccountToken.expirationSeconds ??= 3600;
    for (const item of source.downwardAPI?.items ?? []) {
      if (item.fieldRef) item.fieldRef.apiVersion ||= "v1";
      if (item.resourceFieldRef) item.resourceFieldRef.divisor ||= "0";
    }
  }
}
