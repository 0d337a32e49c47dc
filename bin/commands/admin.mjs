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
const PERSON_VALID_MINUTES = 7 * 24 * 60;

/**
 * `slipway admin`: prints a link that, opened once within half an hour, makes whoever opens it an admin.
 * `slipway admin --invite NAME`: prints one that makes a learner's account of that name, good once within a week.
 * `slipway admin --allow DRIVER,… --user ID`: lets an account choose real clusters; `--allow simulated` takes that back.
 */
export async function run(argv) {
  const { values } = parseArgs({
    args: argv,
    options: {
      url: { type: "string" },
      invite: { type: "string" },
      allow: { type: "string" },
      user: { type: "string" },
    },
  });
  await ensureDependencies();
  const dir = stateDir();
  if (values.allow !== undefined) return allow(dir, values.allow, values.user);
  const base = values.url ?? runningUrl(dir);
  const database = await startDatabase(dir);
  try {
    await migrate(database.url, secrets(dir));
    const { invite } = values;
    console.log(await (invite === undefined ? adminLink(database.url, base) : personLink(database.url, base, invite)));
  } finally {
    await database.stop();
  }
}

const DRIVERS = ["simulated", "kind", "existing"];

/** Accounts may choose what their plan says; each set of drivers has one, as the admin's page makes it. */
async function allow(dir, names, user) {
  const unknown = names.split(",").find((name) => !DRIVERS.includes(name));
  if (unknown !== undefined) throw new Failure(`There is no driver "${unknown}".`, `Known are: ${DRIVERS.join(", ")}.`);
  if (!user) throw new Failure("Whom?", "Name the account by id or e-mail address: --user ana@example.org");
  const database = await startDatabase(dir);
  try {
    await migrate(database.url, secrets(dir));
    await withClient(database.url, async (client) => {
      const { v7 } = await import("uuid");
      const others = [...new Set(names.split(","))].filter((name) => name !== "simulated").sort();
      const slug = ["clusters", ...others].join("-");
      await client.query(
        "insert into plans (id, slug, drivers) values ($1, $2, $3) on conflict (slug) do update set drivers = $3",
        [v7(), slug, ["simulated", ...others]],
      );
      const { rowCount } = await client.query(
        "update users set plan_id = (select id from plans where slug = $1) where (id::text = $2 or email = $2) and not is_anonymous",
        [slug, user],
      );
      if (rowCount === 0) throw new Failure(`There is no account "${user}".`, "Guests get no real clusters.");
      await client.query(
        "insert into audit_events (id, action, subject, subject_id, detail) values ($1, 'user.allow', 'user', $2, $3)",
        [v7(), user, JSON.stringify({ drivers: others.join(",") })],
      );
    });
    console.log(`${user} may choose ${names} clusters from now on.`);
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
  await storeInvite(url, token, { role: "admin", name: "Admin", minutes: VALID_MINUTES });
  return new URL(`/admin/enter?token=${token}`, base).href;
}

async function personLink(url, base, name) {
  const token = randomBytes(32).toString("base64url");
  await storeInvite(url, token, { role: "learner", name, minutes: PERSON_VALID_MINUTES });
  return new URL(`/enter?token=${token}`, base).href;
}

async function storeInvite(url, token, { role, name, minutes }) {
  const { v7 } = await import("uuid");
  const hash = createHash("sha256").update(token).digest("hex");
  await withClient(url, (client) =>
    client.query(
      "insert into invites (id, token_hash, role, name, expires_at) values ($1, $2, $3, $4, now() + $5 * interval '1 minute')",
      [v7(), hash, role, name, minutes],
    ),
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
