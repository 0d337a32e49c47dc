import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { startDatabase } from "@/bin/database.mjs";
import { migrate } from "@/bin/migrate.mjs";

export interface TestDatabase {
  /** As the manager's role. */
  readonly managerUrl: string;
  /** As the owner. */
  query(sql: string, values?: readonly unknown[]): Promise<Record<string, unknown>[]>;
  /** A user, as the web process makes them. */
  addUser(): Promise<string>;
  stop(): Promise<void>;
}

/** A Postgres of its own for tests, migrated, with the two roles. */
export async function startTestDatabase(): Promise<TestDatabase> {
  const folder = mkdtempSync(join(tmpdir(), "slipway-db-"));
  // The server runs as another user when the tests run as root.
  chmodSync(folder, 0o711);
  const database = await startDatabase(folder);
  const { managerUrl } = await migrate(database.url, { web: "web", manager: "manager" });
  const owner = new Client({ connectionString: database.url });
  await owner.connect();
  const query = async (sql: string, values: readonly unknown[] = []): Promise<Record<string, unknown>[]> => {
    const result = await owner.query<Record<string, unknown>>(sql, [...values]);
    return result.rows;
  };
  return {
    managerUrl,
    query,
    addUser: async () => {
      const [row] = await query(
        "insert into users (id, name, email) values (gen_random_uuid(), 'Guest', gen_random_uuid()::text) returning id",
      );
      return String(row?.["id"]);
    },
    stop: async () => {
      await owner.end();
      await database.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
