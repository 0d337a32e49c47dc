import type { PersistentVolume, PersistentVolumeClaim } from "../../api/generated/kubernetes";
import { equalJson } from "../../api/json";
import type { Stored } from "../../api/object";
import type { Client } from "../../client/client";
import { PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES } from "../../client/resources";
import { BIND_COMPLETED, BOUND_BY_CONTROLLER } from "../../volumes/annotations";
import { isClaimedBy } from "../../volumes/matching";

type Claim = Stored<PersistentVolumeClaim>;
type Volume = Stored<PersistentVolume>;

/** The writes that join a claim and a volume, each only when something in it is new. */
export class Binding {
  readonly #client: Client;

  constructor({ client }: { client: Client }) {
    this.#client = client;
  }

  /** Points volume and claim at each other, volume first: a crash in between leaves the volume reserved. */
  async bind(volume: Volume, claim: Claim): Promise<void> {
    const bound = await this.#claimVolume(volume, claim);
    await this.setVolumePhase(bound, "Bound");
    const completed = await this.#completeClaim(claim, bound);
    await this.setClaimPhase(completed, "Bound", bound);
  }

  /** Gives a volume back that was bound here, or leaves it reserved for whom a person reserved it. */
  async unbind(volume: Volume): Promise<void> {
    const { [BOUND_BY_CONTROLLER]: ours, ...annotations } = volume.metadata.annotations ?? {};
    const claimRef = ours === undefined ? { ...volume.spec?.claimRef, uid: undefined } : undefined;
    const metadata = { ...volume.metadata, annotations };
    const free = await this.#client.update(PERSISTENT_VOLUMES, {
      ...volume,
      metadata,
      spec: { ...volume.spec, claimRef },
    });
    await this.setVolumePhase(free, "Available");
  }

  async setVolumePhase(volume: Volume, phase: string, message?: string): Promise<Volume> {
    if (volume.status?.phase === phase && volume.status.message === message) return volume;
    const status = { ...volume.status, phase, message };
    return this.#client.updateStatus(PERSISTENT_VOLUMES, { ...volume, status });
  }

  /** With a volume the claim shows what it got; its capacity is set once, when it is bound. */
  async setClaimPhase(claim: Claim, phase: string, volume?: Volume): Promise<Claim> {
    const { capacity, accessModes, ...rest } = claim.status ?? {};
    const isNew = claim.status?.phase !== phase;
    const status = {
      ...rest,
      phase,
      ...(volume && {
        accessModes: volume.spec?.accessModes,
        capacity: isNew || !capacity ? { storage: volume.spec?.capacity?.storage ?? "0" } : capacity,
      }),
    };
    if (equalJson(status, volume ? claim.status : { ...rest, phase: claim.status?.phase, capacity, accessModes })) {
      return claim;
    }
    return this.#client.updateStatus(PERSISTENT_VOLUME_CLAIMS, { ...claim, status });
  }

  async #claimVolume(volume: Volume, claim: Claim): Promise<Volume> {
    const { name, namespace, uid, resourceVersion } = claim.metadata;
    const reserved = isClaimedBy(volume, claim);
    if (reserved && volume.spec?.claimRef?.uid === uid) return volume;
    const draft = structuredClone(volume);
    draft.spec = {
      ...draft.spec,
      claimRef: { apiVersion: "v1", kind: "PersistentVolumeClaim", name, namespace, resourceVersion, uid },
    };
    if (!reserved) draft.metadata.annotations = { ...draft.metadata.annotations, [BOUND_BY_CONTROLLER]: "yes" };
    return this.#client.update(PERSISTENT_VOLUMES, draft);
  }

  async #completeClaim(claim: Claim, volume: Volume): Promise<Claim> {
    const volumeName = volume.metadata.name;
    const isOurs = claim.spec?.volumeName !== volumeName;
    const annotations = {
      ...claim.metadata.annotations,
      ...(isOurs && { [BOUND_BY_CONTROLLER]: "yes" }),
      [BIND_COMPLETED]: "yes",
    };
    if (!isOurs && equalJson(annotations, claim.metadata.annotations)) return claim;
    const metadata = { ...claim.metadata, annotations };
    return this.#client.update(PERSISTENT_VOLUME_CLAIMS, { ...claim, metadata, spec: { ...claim.spec, volumeName } });
  }
}
