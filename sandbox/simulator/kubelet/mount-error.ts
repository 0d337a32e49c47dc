/** A volume cannot be set up; `message` is the whole text of the FailedMount event. */
export class MountError extends Error {
  override readonly name = "MountError";
}

/** The failure of a volume that the pod itself describes. */
export function setUpError(volume: string, why: string): MountError {
  return new MountError(`MountVolume.SetUp failed for volume "${volume}" : ${why}`);
}
