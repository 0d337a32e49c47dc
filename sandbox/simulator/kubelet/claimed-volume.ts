import type { PersistentVolume, PersistentVolumeClaim, Pod, Volume } from "../api/generated/kubernetes";
import type { Lister } from "../client/informer";
import { podClaims } from "../volumes/pod-claims";
import { MountError } from "./mount-error";
import type { NodeFiles, PodVolume } from "./node-files";

/** What a kubelet reads to find the volume behind a claim. */
export interface ClaimSources {
  readonly persistentVolumes: Pick<Lister<PersistentVolume>, "get">;
  readonly persistentVolumeClaims: Pick<Lister<PersistentVolumeClaim>, "get">;
}

/** The files behind a pod's claim; `undefined` for other volumes. Throws `MountError`. */
export function claimedVolume(pod: Pod, spec: Volume, sources: ClaimSources, node: NodeFiles): PodVolume | undefined {
  const name = podClaims(pod).find(({ volume }) => volume === spec.name)?.claim;
  if (name === undefined) return undefined;
  const namespace = pod.metadata?.namespace ?? "";
  const claim = sources.persistentVolumeClaims.get(namespace, name);
  const complain = (why: string): MountError =>
    new MountError(
      `Unable to attach or mount volumes: unmounted volumes=[${spec.name}], unattached volumes=[], ` +
        `failed to process volumes=[${spec.name}]: error processing PVC ${namespace}/${name}: ${why}`,
    );
  if (!claim) {
    throw complain(`failed to fetch PVC from API server: persistentvolumeclaims "${name}" not found`);
  }
  if (claim.metadata.deletionTimestamp) throw complain("PVC is being deleted");
  if (claim.status?.phase !== "Bound" || !claim.spec?.volumeName) throw complain("PVC is not bound");
  const volume = sources.persistentVolumes.get("", claim.spec.volumeName);
  if (!volume) {
    const missing = `failed to fetch PV ${claim.spec.volumeName} from API server: persistentvolumes "${claim.spec.volumeName}" not found`;
    throw complain(missing);
  }
  return filesOf(volume, node);
}

function filesOf({ metadata, spec }: PersistentVolume, node: NodeFiles): PodVolume {
  const name = metadata?.name ?? "";
  if (spec?.hostPath) {
    const found = node.hostPath(spec.hostPath);
    if ("volume" in found) return found.volume;
    throw new MountError(`MountVolume.SetUp failed for volume "${name}" : ${found.problem}`);
  }
  if (spec?.local) {
    const found = node.local(spec.local.path);
    if (found) return found;
    const why = `path "${spec.local.path}" does not exist`;
    throw new MountError(`MountVolume.NewMounter initialization failed for volume "${name}" : ${why}`);
  }
  if (spec?.csi) {
    const why = `driver name ${spec.csi.driver} not found in the list of registered CSI drivers`;
    throw new MountError(
      `MountVolume.MountDevice failed for volume "${name}" : kubernetes.io/csi: attacher.MountDevice failed to create newCsiDriverClient: ${why}`,
    );
  }
  if (spec?.nfs) {
    const { server, path } = spec.nfs;
    throw new MountError(
      `MountVolume.SetUp failed for volume "${name}" : mount failed: exit status 32\nMounting command: mount\n` +
        `Mounting arguments: -t nfs ${server}:${path}\nOutput: mount.nfs: Connection timed out\n`,
    );
  }
  throw new MountError(`MountVolume.SetUp failed for volume "${name}" : no volume plugin matched`);
}
