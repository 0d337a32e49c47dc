import { createHash, randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startDatabase } from "../database.mjs";
import { Failure } from "../failure.mjs";
import { migrate } from "../migrate.mjs";
import { ensureDependencies } from "../setup.mjs";
import { secrets, stateDir } from "../state.mjs";

const VALID_MINUTES = 30;

/**
 * `slipway admin`: prints a link that, opened once within half an hour, makes whoever opens it an admin.
 * `slipway admin --allow DRIVER --user ID`: lets an account have real clusters; `--allow simulated` takes that back.
 */
export async function run(argv) {
  const { values } = parseArgs({
    args: argv,
    options: { url: { type: "string" }, allow: { type: "string" }, user: { type: "string" } },
  });
  await ensureDependencies();
  const dir = stateDir();
  if (values.allow !== undefined) return allow(dir, values.allow, values.user);
  const base = values.url ?? runningUrl(dir);
  const database = await startDatabase(dir);
  try {
    await migrate(database.url, secrets(dir));
    console.log(await adminLink(database.url, base));
  } finally {
    await database.stop();
  }
}

const DRIVERS = ["simulated", "kind", "existing"];

/** Accounts get what their plan says; a plan of this name is made for the driver. */
async function allow(dir, driver, user) {
  if (!DRIVERS.includes(driver))
    throw new Failure(`There is no driver "${driver}".`, `Known are: ${DRIVERS.join(", ")}.`);
  if (!user) throw new Failure("Whom?", "Name the account by id or e-mail address: --user ana@example.org");
  const database = await startDatabase(dir);
  try {
    await migrate(database.url, secrets(dir));
    await withClient(database.url, async (client) => {
      const { v7 } = await import("uuid");
      const drivers = [...new Set([driver, "simulated"])];
      await client.query(
        "insert into plans (id, slug, drivers) values ($1, $2, $3) on conflict (slug) do update set drivers = $3",
        [v7(), `cluster-${driver}`, drivers],
      );
      const { rowCount } = await client.query(
        "update users set plan_id = (select id from plans where slug = $1) where (id::text = $2 or email = $2) and not is_anonymous",
        [`cluster-${driver}`, user],
      );
      if (rowCount === 0) throw new Failure(`There is no account "${user}".`, "Guests get no real clusters.");
      await client.query(
        "insert into audit_events (id, action, subject, subject_id, detail) values ($1, 'user.allow', 'user', $2, $3)",
        [v7(), user, JSON.stringify({ driver })],
      );
    });
    console.log(`${user} gets ${driver} clusters from now on.`);
  } finally {
    await database.stop();
  }
}

async function withClient(url, work) {
  const { default: pg } = await import("pg");
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Makes an invitation and returns its link below `base`. */
export async function adminLink(url, base) {
  const token = randomBytes(32).toString("base64url");
  await storeInvite(url, token);
  return new URL(`/admin/enter?token=${token}`, base).href;
}

async function storeInvite(url, token) {
  const { v7 } = await import("uuid");
  const hash = createHash("sha256").update(token).digest("hex");
  await withClient(url, (client) =>
    client.query("insert into invites (id, token_hash, expires_at) values ($1, $2, now() + $3 * interval '1 minute')", [
      v7(),
      hash,
      VALID_MINUTES,
    ]),
  );
}

function runningUrl(dir) {
  const file = join(dir, "run.json");
  if (!existsSync(file))
    throw new Failure(
      "Slipway is not running from this folder.",
      "Start it with `npm start`, or give its address: slipway admin --url https://…",
    );
  return `http://localhost:${JSON.parse(readFileSync(file, "utf8")).port}`;
}
