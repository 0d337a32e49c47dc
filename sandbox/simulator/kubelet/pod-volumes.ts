import type { KeyToPath, Pod, Volume as VolumeSpec, VolumeProjection } from "../api/generated/kubernetes";
import { wholeValue } from "../api/quantity";
import type { Random } from "../random";
import { writeAtomically } from "./atomic-files";
import { decodeBase64, type EnvironmentSources } from "./container-environment";
import type { Volume, VolumeFile } from "./container-runtime";
import { claimedVolume, type ClaimSources } from "./claimed-volume";
import { fieldValue, resourceValue, type DownwardFacts } from "./downward";
import { limitsStorage } from "./local-storage";
import { setUpError } from "./mount-error";
import type { NodeFiles, PodVolume } from "./node-files";

export interface VolumeContext {
  readonly facts: DownwardFacts;
  readonly sources: EnvironmentSources;
  readonly claims: ClaimSources;
  readonly node: NodeFiles;
  readonly now: number;
  readonly random: Random;
  /** Told when a volume of a pod whose storage is limited has got larger. */
  readonly grown: () => void;
  /** Tokens by `audience|expiration`, fetched before. */
  readonly token: (projection: NonNullable<VolumeProjection["serviceAccountToken"]>) => string | undefined;
}

const DEFAULT_MODE = 0o644;

/**
 * Brings a pod's volumes up to date in place: those that hold files of the API get exactly those files, the others
 * keep theirs. Throws `MountError` at the first that cannot be set up.
 */
export function mountVolumes(pod: Pod, volumes: Map<string, PodVolume>, context: VolumeContext): void {
  for (const spec of pod.spec?.volumes ?? []) {
    const wanted = projectedFiles(spec, context);
    const group = pod.spec?.securityContext?.fsGroup;
    const volume = volumes.get(spec.name) ??
      lastingVolume(pod, spec, context) ?? {
        volume: newVolume(spec, group, limitsStorage(pod) ? context.grown : undefined),
      };
    volumes.set(spec.name, volume);
    if (wanted) writeAtomically(volume.volume, owned(wanted, group), context);
  }
}

/** Files the API gives to a volume; `undefined` for volumes that containers fill themselves. */
function projectedFiles(spec: VolumeSpec, context: VolumeContext): Map<string, VolumeFile> | undefined {
  const files = new Map<string, VolumeFile>();
  if (spec.configMap) {
    const { name = "", items, optional, defaultMode } = spec.configMap;
    addConfigMap(files, context, spec.name, { name, items, optional }, defaultMode);
  } else if (spec.secret) {
    const { secretName: name = "", items, optional, defaultMode } = spec.secret;
    addSecret(files, context, spec.name, { name, items, optional }, defaultMode);
  } else if (spec.downwardAPI) {
    addDownward(files, context, spec.downwardAPI.items ?? [], spec.downwardAPI.defaultMode);
  } else if (spec.projected) {
    const mode = spec.projected.defaultMode;
    for (const source of spec.projected.sources ?? []) {
      if (source.configMap) addConfigMap(files, context, spec.name, { name: "", ...source.configMap }, mode);
      if (source.secret) addSecret(files, context, spec.name, { name: "", ...source.secret }, mode);
      if (source.downwardAPI) addDownward(files, context, source.downwardAPI.items ?? [], mode);
      if (source.serviceAccountToken) addToken(files, context, source.serviceAccountToken, mode);
    }
  } else return undefined;
  return files;
}

interface Selection {
  readonly name: string;
  readonly items?: readonly KeyToPath[];
  readonly optional?: boolean;
}

function addConfigMap(
  files: Map<string, VolumeFile>,
  context: VolumeContext,
  volume: string,
  selection: Selection,
  mode?: number,
): void {
  const namespace = context.facts.pod.metadata?.namespace ?? "";
  const found = context.sources.configMaps.get(namespace, selection.name);
  if (!found) {
    if (selection.optional) return;
    throw setUpError(volume, `configmap "${selection.name}" not found`);
  }
  const data = new Map<string, Uint8Array>();
  for (const [key, value] of Object.entries(found.data ?? {})) data.set(key, new TextEncoder().encode(value));
  for (const [key, value] of Object.entries(found.binaryData ?? {})) data.set(key, decodeBase64(value));
  addSelected(files, data, selection, volume, mode);
}

function addSecret(
  files: Map<string, VolumeFile>,
  context: VolumeContext,
  volume: string,
  selection: Selection,
  mode?: number,
): void {
  const namespace = context.facts.pod.metadata?.namespace ?? "";
  const found = context.sources.secrets.get(namespace, selection.name);
  if (!found) {
    if (selection.optional) return;
    throw setUpError(volume, `secret "${selection.name}" not found`);
  }
  const data = new Map(Object.entries(found.data ?? {}).map(([key, value]) => [key, decodeBase64(value)]));
  addSelected(files, data, selection, volume, mode);
}

function addSelected(
  files: Map<string, VolumeFile>,
  data: ReadonlyMap<string, Uint8Array>,
  { items, optional }: Selection,
  volume: string,
  mode = DEFAULT_MODE,
): void {
  const wanted: readonly KeyToPath[] = items ?? [...data.keys()].map((key) => ({ key, path: key }));
  for (const item of wanted) {
    const content = data.get(item.key);
    if (content) files.set(item.path, { content, mode: item.mode ?? mode });
    else if (!optional) throw setUpError(volume, "references non-existent config key: " + item.key);
  }
}

function addDownward(
  files: Map<string, VolumeFile>,
  { facts }: VolumeContext,
  items: NonNullable<NonNullable<VolumeSpec["downwardAPI"]>["items"]>,
  mode = DEFAULT_MODE,
): void {
  for (const item of items) {
    const text = item.fieldRef
      ? fieldValue(facts, item.fieldRef)
      : item.resourceFieldRef
        ? resourceValue(facts, item.resourceFieldRef)
        : "";
    files.set(item.path, { content: new TextEncoder().encode(text), mode: item.mode ?? mode });
  }
}

function addToken(
  files: Map<string, VolumeFile>,
  context: VolumeContext,
  projection: NonNullable<VolumeProjection["serviceAccountToken"]>,
  mode = DEFAULT_MODE,
): void {
  const token = context.token(projection);
  if (token === undefined) return;
  const { pod } = context.facts;
  const uid = commonUser(pod);
  // Who else is in the container need not read it: only the one user, or the group, gets it.
  const isOwned = uid !== undefined || pod.spec?.securityContext?.fsGroup !== undefined;
  const content = new TextEncoder().encode(token);
  files.set(projection.path, { content, mode: isOwned ? 0o600 : mode, ...(uid !== undefined && { uid }) });
}

/** The user as whom all containers of the pod run, if that is one and is told. */
function commonUser({ spec }: Pod): number | undefined {
  const all = [...(spec?.initContainers ?? []), ...(spec?.containers ?? []), ...(spec?.ephemeralContainers ?? [])];
  const users = new Set(
    all.map(({ securityContext }) => securityContext?.runAsUser ?? spec?.securityContext?.runAsUser),
  );
  const [user] = users;
  return users.size === 1 ? user : undefined;
}

/** A volume whose files outlive the pod. */
function lastingVolume(pod: Pod, spec: VolumeSpec, { claims, node }: VolumeContext): PodVolume | undefined {
  if (!spec.hostPath) return claimedVolume(pod, spec, claims, node);
  const found = node.hostPath(spec.hostPath);
  if ("volume" in found) return found.volume;
  throw setUpError(spec.name, found.problem);
}

function newVolume(spec: VolumeSpec, group: number | undefined, grown: (() => void) | undefined): Volume {
  // What lies in memory cannot grow beyond its limit; what lies on disk can, until the kubelet looks.
  const isInMemory = spec.emptyDir?.medium === "Memory";
  const limit = isInMemory ? spec.emptyDir?.sizeLimit : undefined;
  return {
    files: new Map(),
    ...(limit !== undefined && { sizeLimitBytes: wholeValue(limit) }),
    ...(group !== undefined && { group }),
    ...(grown && !isInMemory && { grown }),
  };
}

/** The group that a pod wants its files to have may read them. */
function owned(files: ReadonlyMap<string, VolumeFile>, gid: number | undefined): ReadonlyMap<string, VolumeFile> {
  if (gid === undefined) return files;
  return new Map([...files].map(([path, file]) => [path, { ...file, gid, mode: file.mode | 0o440 }]));
}
