import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { clusterCreateSchema } from "../../protocol/cluster-host-api";

const keyPairSchema = z.object({ cert: z.string(), key: z.string() });

const recordSchema = z.object({
  /** What it was made for; what it was restored from is not kept. */
  spec: clusterCreateSchema.omit({ wait: true, restore: true, startObjects: true }),
  kubeconfig: z.string(),
  pki: z.object({ ca: keyPairSchema, serving: keyPairSchema, admin: keyPairSchema }),
  namespace: z.string().optional(),
  /** How it was born: key and digest of each object. Absent until it was ready for the first time. */
  born: z.array(z.tuple([z.string(), z.string()])).optional(),
});
export type ClusterRecord = z.infer<typeof recordSchema>;

/** What is remembered of real clusters, which live on when the process that looks after them does not. */
export class ClusterRecords {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }

  write(record: ClusterRecord): void {
    const path = this.#path(record.spec.sandboxId);
    writeFileSync(`${path}.new`, JSON.stringify(record), { mode: 0o600 });
    renameSync(`${path}.new`, path);
  }

  remove(sandboxId: string): void {
    rmSync(this.#path(sandboxId), { force: true });
  }

  /** One that cannot be read is as good as none: its cluster is found by its labels. */
  all(): ClusterRecord[] {
    return readdirSync(this.#folder)
      .filter((name) => name.endsWith(".json"))
      .flatMap((name) => {
        try {
          return [recordSchema.parse(JSON.parse(readFileSync(join(this.#folder, name), "utf8")))];
        } catch {
          return [];
        }
      });
  }

  #path(sandboxId: string): string {
    return join(this.#folder, `${sandboxId}.json`);
  }
}
