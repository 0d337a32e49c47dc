import type { Pod } from "../api/generated/kubernetes";

interface PodClaim {
  readonly volume: string;
  readonly claim: string;
  readonly ephemeral: boolean;
}

/** The claims a pod mounts, by the name of the volume: of an ephemeral volume the claim that is made for it. */
export function podClaims(pod: Pod): PodClaim[] {
  return (pod.spec?.volumes ?? []).flatMap(({ name, persistentVolumeClaim, ephemeral }): PodClaim[] => {
    if (persistentVolumeClaim) return [{ volume: name, claim: persistentVolumeClaim.claimName, ephemeral: false }];
    return ephemeral ? [{ volume: name, claim: `${pod.metadata?.name ?? ""}-${name}`, ephemeral: true }] : [];
  });
}

/** Index keys of a pod: the claims it mounts as `namespace/name`. */
export function claimKeys(pod: Pod): string[] {
  return podClaims(pod).map(({ claim }) => `${pod.metadata?.namespace ?? ""}/${claim}`);
}
