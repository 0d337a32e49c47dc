import { createHash } from "node:crypto";
import { LEARNER_ID, RELAY_ID, TTY_GROUP_ID } from "../rootfs/places";
import { WorkstationError } from "../workstation";

/**
 * User ids of the host that nothing else uses: systemd keeps 0x70000000–0x7fffffff free, but for the last two slots.
 * An instance has a slot of it, picked by the hash of its id; a workstation has a few ids of the slot.
 */
const FIRST_ID = 0x7000_0000;
const SLOTS = 4094;
const IDS_PER_INSTANCE = 0x1_0000;
const IDS_PER_WORKSTATION = 16;
export const MAX_UID_INDEX = IDS_PER_INSTANCE / IDS_PER_WORKSTATION - 1;

/** The ids that exist inside; each is an id of the host that has no rights and owns nothing else. */
const USER_IDS: readonly number[] = [0, LEARNER_ID, RELAY_ID, 65534];
const GROUP_IDS: readonly number[] = [...USER_IDS, TTY_GROUP_ID];

export interface IdMapping {
  containerID: number;
  hostID: number;
  size: 1;
}

export interface Identity {
  /** Container group: `/slipway-<instance>`. */
  cgroupParent: string;
  users(uidIndex: number): IdMapping[];
  groups(uidIndex: number): IdMapping[];
  /** The relay's user on the host. */
  relay(uidIndex: number): number;
  /** The learner's user and group on the host. */
  learner(uidIndex: number): { user: number; group: number };
}

/** Everything by which workstations are named on the host derives from the instance id. */
export function identityOf(instanceId: string): Identity {
  if (!/^[a-z0-9][a-z0-9-]{0,62}$/.test(instanceId)) {
    throw new WorkstationError("bad-spec", `not an instance id: ${JSON.stringify(instanceId)}`);
  }
  const slot = createHash("sha256").update(`uid ${instanceId}`).digest().readUInt32BE(0) % SLOTS;
  const first = FIRST_ID + slot * IDS_PER_INSTANCE;
  const base = (uidIndex: number): number => {
    if (!Number.isInteger(uidIndex) || uidIndex < 0 || uidIndex > MAX_UID_INDEX) {
      throw new WorkstationError("bad-spec", `uidIndex must be 0 to ${MAX_UID_INDEX}, not ${uidIndex}`);
    }
    return first + uidIndex * IDS_PER_WORKSTATION;
  };
  const mappings = (ids: readonly number[], uidIndex: number): IdMapping[] =>
    ids.map((containerID, offset) => ({ containerID, hostID: base(uidIndex) + offset, size: 1 }));
  return {
    cgroupParent: `/slipway-${instanceId}`,
    users: (uidIndex) => mappings(USER_IDS, uidIndex),
    groups: (uidIndex) => mappings(GROUP_IDS, uidIndex),
    relay: (uidIndex) => base(uidIndex) + USER_IDS.indexOf(RELAY_ID),
    learner: (uidIndex) => ({
      user: base(uidIndex) + USER_IDS.indexOf(LEARNER_ID),
      group: base(uidIndex) + GROUP_IDS.indexOf(LEARNER_ID),
    }),
  };
}
