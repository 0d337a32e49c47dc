import { ensureCompletions } from "./oci/completions";
import { ensurePrerequisites } from "./prerequisites";
import { ensureRootfs } from "./rootfs/build-rootfs";
import { runCommand } from "./run-command";

export interface PrepareOptions {
  readonly cacheDir: string;
  /** Absolute paths. */
  readonly tools: { readonly kubectl: string; readonly helm: string };
  /** Told what is being done, for a person who waits. */
  readonly progress: (what: string) => void;
}

export type Prepared =
  { ok: true; mode: "oci" } | { ok: true; mode: "host"; advice: string } | { ok: false; advice: string };

/**
 * Makes ready what all workstations of this machine share, ahead of the first learner: programs, the root file system,
 * completions. `host` where containers are not possible by nature; not ok where something failed that a person can mend.
 */
export async function prepareWorkstations({ cacheDir, tools, progress }: PrepareOptions): Promise<Prepared> {
  const found = await ensurePrerequisites({
    progress: ({ installing }) => progress(`installing ${installing.join(", ")}`),
  });
  if (!found.ok) {
    const byNature = found.code === "not-linux" || found.code === "not-root";
    return byNature ? { ok: true, mode: "host", advice: found.advice } : { ok: false, advice: found.advice };
  }
  await ensureRootfs({ cacheDir, run: runCommand, progress });
  await ensureCompletions(cacheDir, tools, runCommand, () => progress("completions"));
  return { ok: true, mode: "oci" };
}
