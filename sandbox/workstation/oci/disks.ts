import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { RunCommand } from "../run-command";

/** What a learner can write to and comes back to: mounted on the host, below the bundle. */
export interface Disks {
  readonly home: string;
  /** Where shells are, and whether the home has been filled. */
  readonly state: string;
}

export interface DiskOwner {
  readonly user: number;
  readonly group: number;
}

const STATE_BYTES = 64 * 1024;
const STATE_INODES = 64;

export function disksIn(bundle: string): Disks {
  return { home: join(bundle, "disks/home"), state: join(bundle, "disks/state") };
}

/** Empty disks that hold so much, for this user of the host alone. */
export async function mountDisks(
  run: RunCommand,
  bundle: string,
  { user, group }: DiskOwner,
  limits: { homeBytes: number; homeInodes: number },
): Promise<Disks> {
  const disks = disksIn(bundle);
  const mount = async (path: string, bytes: number, inodes: number): Promise<void> => {
    await mkdir(path, { recursive: true, mode: 0o700 });
    const options = `nosuid,nodev,size=${bytes},nr_inodes=${inodes},uid=${user},gid=${group},mode=0700`;
    await run("mount", ["-t", "tmpfs", "-o", options, "slipway", path]);
  };
  await Promise.all([
    mount(disks.home, limits.homeBytes, limits.homeInodes),
    mount(disks.state, STATE_BYTES, STATE_INODES),
  ]);
  return disks;
}

/** Takes away what is mounted below a bundle, and all that is on it. */
export async function unmountDisks(run: RunCommand, bundle: string): Promise<void> {
  // Whatever still has a file of it open keeps it to itself from now on.
  for (const path of await mountsBelow(bundle)) await run("umount", ["--lazy", path]);
}

export async function areMounted(bundle: string): Promise<boolean> {
  const mounted = await mountsBelow(bundle);
  return Object.values(disksIn(bundle)).every((path: string) => mounted.includes(path));
}

async function mountsBelow(folder: string): Promise<string[]> {
  const table = await readFile("/proc/self/mountinfo", "utf8");
  const places = table.split("\n").map((line) => line.split(" ")[4] ?? "");
  return places.filter((place) => place.startsWith(`${folder}/`)).reverse();
}
