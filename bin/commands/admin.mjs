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

/** `slipway admin`: prints a link that, opened once within half an hour, makes whoever opens it an admin. */
export async function run(argv) {
  const { values } = parseArgs({ args: argv, options: { url: { type: "string" } } });
  await ensureDependencies();
  const dir = stateDir();
  const base = values.url ?? runningUrl(dir);
  const database = await startDatabase(dir);
  try {
    await migrate(database.url, secrets(dir));
    console.log(await adminLink(database.url, base));
  } finally {
    await database.stop();
  }
}

/** Makes an invitation and returns its link below `base`. */
export async function adminLink(url, base) {
  const token = randomBytes(32).toString("base64url");
  await storeInvite(url, token);
  return new URL(`/admin/enter?token=${token}`, base).href;
}

async function storeInvite(url, token) {
  const { default: pg } = await import("pg");
  const { v7 } = await import("uuid");
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const hash = createHash("sha256").update(token).digest("hex");
    await client.query(
      "insert into admin_invites (id, token_hash, expires_at) values ($1, $2, now() + $3 * interval '1 minute')",
      [v7(), hash, VALID_MINUTES],
    );
  } finally {
    await client.end();
  }
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
