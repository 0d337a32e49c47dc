// Brings a database up to date: the migrations in prisma/migrations with the bookkeeping of `prisma migrate deploy` (same
// table, checksums and lock), without its CLI; then the two roles that web and manager connect as.
import { createHash, randomUUID } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "./failure.mjs";
import { root } from "./state.mjs";

const PRISMA_LOCK = 72707369;

/**
 * @param {string} url the owner's connection
 * @param {{ web: string, manager: string }} passwords of the two roles
 * @returns {Promise<{ applied: string[], webUrl: string, managerUrl: string, separateRoles: boolean }>}
 */
export async function migrate(url, passwords) {
  const { default: pg } = await import("pg");
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query("select pg_advisory_lock($1)", [PRISMA_LOCK]);
    const applied = await applyMigrations(client);
    const separateRoles = await grantRoles(client, passwords);
    const as = (role, password) => {
      const own = new URL(url);
      own.username = role;
      own.password = password;
      return own.href;
    };
    if (!separateRoles) return { applied, webUrl: url, managerUrl: url, separateRoles };
    const suffix = new URL(url).pathname.slice(1);
    return {
      applied,
      webUrl: as(`${suffix}_web`, passwords.web),
      managerUrl: as(`${suffix}_manager`, passwords.manager),
      separateRoles,
    };
  } finally {
    await client.end();
  }
}

async function applyMigrations(client) {
  await client.query(`create table if not exists _prisma_migrations (
    id varchar(36) primary key not null, checksum varchar(64) not null, finished_at timestamptz,
    migration_name varchar(255) not null, logs text, rolled_back_at timestamptz,
    started_at timestamptz not null default now(), applied_steps_count integer not null default 0)`);
  const { rows } = await client.query(
    "select migration_name, checksum, finished_at from _prisma_migrations where rolled_back_at is null",
  );
  const known = new Map(rows.map((row) => [row.migration_name, row]));
  const unfinished = rows.find((row) => !row.finished_at);
  if (unfinished)
    throw new Failure(
      `The migration ${unfinished.migration_name} failed earlier.`,
      "Repair it with `npx prisma migrate resolve`, then start again.",
    );
  const folder = join(root, "prisma/migrations");
  const names = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
  const applied = [];
  for (const name of names) {
    const sql = readFileSync(join(folder, name, "migration.sql"), "utf8");
    const checksum = createHash("sha256").update(sql).digest("hex");
    const earlier = known.get(name);
    if (earlier && earlier.checksum !== checksum)
      throw new Failure(
        `The migration ${name} was changed after it was applied.`,
        "Restore its file and write a new migration instead.",
      );
    if (earlier) continue;
    await applyMigration(client, name, sql, checksum);
    applied.push(name);
  }
  return applied;
}

async function applyMigration(client, name, sql, checksum) {
  const id = randomUUID();
  await client.query("insert into _prisma_migrations (id, checksum, migration_name) values ($1, $2, $3)", [
    id,
    checksum,
    name,
  ]);
  try {
    await client.query(sql); // one simple query is one transaction
  } catch (error) {
    await client.query("update _prisma_migrations set logs = $2 where id = $1", [id, String(error)]);
    throw error;
  }
  await client.query("update _prisma_migrations set finished_at = now(), applied_steps_count = 1 where id = $1", [id]);
}

/** False when the owner may not make roles: then both processes use the owner's connection. */
async function grantRoles(client, passwords) {
  const { rows } = await client.query(
    "select rolsuper or rolcreaterole as able, current_database() as database from pg_roles where rolname = current_user",
  );
  if (!rows[0]?.able) return false;
  const template = readFileSync(join(root, "prisma/roles.sql"), "utf8");
  const values = { database: rows[0].database, web_password: passwords.web, manager_password: passwords.manager };
  await client.query(template.replace(/\{(\w+)\}/g, (_, name) => values[name].replaceAll("'", "''")));
  return true;
}
