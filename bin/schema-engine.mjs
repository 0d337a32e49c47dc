#!/usr/bin/env node
// Stand-in for Prisma's native `schema-engine` executable: same CLI + JSON-RPC over stdio,
// served by the WebAssembly build of the same engine commit and the pg driver adapter.
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { PrismaPg } from "@prisma/adapter-pg";
import { bindMigrationAwareSqlAdapterFactory, ColumnTypeEnum } from "@prisma/driver-adapter-utils";
import pg from "pg";

const argv = process.argv.slice(2);
const schemas = [];
let datasource = {};
let sub;
for (let i = 0; i < argv.length; i++) {
  if (argv[i] === "--datamodels" || argv[i] === "-d") schemas.push(argv[++i]);
  else if (argv[i] === "--datasource") datasource = JSON.parse(argv[++i]);
  else if (argv[i] === "--enabled-preview-features" || argv[i] === "--extension-types") i++;
  else if (argv[i] === "cli") sub = argv[++i];
  else if (argv[i] === "--version") {
    console.log("schema-engine-wasm-shim");
    process.exit(0);
  }
}
const url = datasource.url || process.env.DATABASE_URL;

function fail(message, error_code) {
  // shape of the native engine's tracing output, which the CLI parses
  process.stderr.write(
    "\n" +
      JSON.stringify({
        level: "ERROR",
        target: "schema_engine::logger",
        fields: { message, error_code, is_panic: false },
      }) +
      "\n",
  );
  process.exit(1);
}
async function withClient(connectionString, fn) {
  const c = new pg.Client({ connectionString });
  await c.connect();
  try {
    return await fn(c);
  } finally {
    await c.end();
  }
}
if (sub) {
  const u = new URL(url),
    db = decodeURIComponent(u.pathname.slice(1)) || "postgres",
    maint = new URL(url);
  maint.pathname = "/postgres";
  const q = '"' + db.replaceAll('"', '""') + '"';
  try {
    if (sub === "can-connect-to-database") await withClient(url, (c) => c.query("select 1"));
    else if (sub === "create-database") await withClient(maint.href, (c) => c.query("create database " + q));
    else if (sub === "drop-database")
      await withClient(maint.href, (c) => c.query("drop database if exists " + q + " with (force)"));
    process.exit(0);
  } catch (e) {
    fail(e.message, e.code === "3D000" ? "P1003" : e.code === "28P01" ? "P1000" : "P1001");
  }
}

let panic = null;
globalThis.PRISMA_WASM_PANIC_REGISTRY = {
  set_message: (m) => {
    panic = m;
  },
};
const bg = await import("@prisma/schema-engine-wasm/schema_engine_bg");
const wasmPath = fileURLToPath(
  new URL("schema_engine_bg.wasm", import.meta.resolve("@prisma/schema-engine-wasm/schema_engine_bg")),
);
const { instance } = await WebAssembly.instantiate(readFileSync(wasmPath), { "./schema_engine_bg.js": bg });
bg.__wbg_set_wasm(instance.exports);
instance.exports.__wbindgen_start();

// pg_catalog has `"char"` columns (OID 18). adapter-pg 7.10 does not map that OID, and the engine wants `Character`:
// read them as text, then correct the reported column type.
const addFields = pg.Result.prototype.addFields;
pg.Result.prototype.addFields = function (fields) {
  for (const f of fields)
    if (f.dataTypeID === 18) {
      f.dataTypeID = 25;
      f.isPgChar = true;
    }
  return addFields.call(this, fields);
};
const charColumns = new WeakMap();
let patched = false;
async function connectTo(connectionString) {
  const adapter = await new PrismaPg({ connectionString, max: 2 }).connect();
  if (!patched) {
    patched = true;
    const proto = Object.getPrototypeOf(Object.getPrototypeOf(adapter)),
      { performIO, queryRaw } = proto;
    proto.performIO = async function (q) {
      const r = await performIO.call(this, q);
      if (r?.fields?.some((f) => f.isPgChar))
        charColumns.set(
          r.rows,
          r.fields.flatMap((f, i) => (f.isPgChar ? [i] : [])),
        );
      return r;
    };
    proto.queryRaw = async function (q) {
      const r = await queryRaw.call(this, q);
      for (const i of charColumns.get(r.rows) ?? []) r.columnTypes[i] = ColumnTypeEnum.Character;
      return r;
    };
  }
  return adapter;
}
// adapter-pg's own connectToShadowDb() ignores `database` when a connectionString is set (it would hit the main database)
// and drops the database before closing its pool, so shadow handling is ours.
const migrationFactory = {
  provider: "postgres",
  adapterName: "@prisma/adapter-pg",
  connect: () => connectTo(url),
  async connectToShadowDb() {
    if (datasource.shadowDatabaseUrl) return connectTo(datasource.shadowDatabaseUrl);
    const name = "prisma_migrate_shadow_db_" + crypto.randomUUID();
    await withClient(url, (c) => c.query(`create database "${name}"`));
    shadows.add(name);
    const u = new URL(url);
    u.pathname = "/" + name;
    const a = await connectTo(u.href),
      dispose = a.dispose.bind(a);
    a.dispose = async () => {
      await dispose();
      await dropShadow(name);
    };
    return a;
  },
};
const shadows = new Set();
async function dropShadow(name) {
  if (shadows.delete(name)) await withClient(url, (c) => c.query(`drop database if exists "${name}" with (force)`));
}
// the CLI kills the engine as soon as it has its answer: finish, drop what is left, then go
async function finish() {
  await chain.catch(() => {});
  for (const n of [...shadows]) await dropShadow(n).catch(() => {});
  process.exit(0);
}
for (const s of ["SIGTERM", "SIGINT", "SIGHUP"]) process.on(s, () => void finish());
let engine;
async function getEngine() {
  if (engine) return engine;
  const factory = bindMigrationAwareSqlAdapterFactory(migrationFactory);
  engine = {
    factory,
    se: await bg.SchemaEngine.new(
      { datamodels: schemas.length ? schemas.map((f) => [f, readFileSync(f, "utf8")]) : undefined },
      (log) => process.env.DEBUG && process.stderr.write(log + "\n"),
      factory,
    ),
  };
  return engine;
}
const send = (o) => process.stdout.write(JSON.stringify(o) + "\n");
let chain = Promise.resolve(),
  printId = 1e6;
async function handle({ id, method, params }) {
  try {
    const { se } = await getEngine();
    if (method === "getDatabaseVersion") return send({ jsonrpc: "2.0", id, result: await se.version(params) });
    if (typeof se[method] !== "function")
      return send({ jsonrpc: "2.0", id, error: { code: -32601, message: "Method not found: " + method } });
    const result = await se[method](params);
    if (method === "diff" && result?.stdout) {
      send({ jsonrpc: "2.0", id: printId++, method: "print", params: { content: result.stdout } });
    }
    send({ jsonrpc: "2.0", id, result: result ?? {} });
  } catch (e) {
    if (e?.name === "RuntimeError") fail(panic ?? e.message);
    send({
      jsonrpc: "2.0",
      id,
      error: {
        code: 4466,
        message: "An error happened. Check the data field for details.",
        data: { is_panic: false, message: e?.message ?? String(e), error_code: e?.code, meta: e?.meta ?? null },
      },
    });
  }
}
const rl = createInterface({ input: process.stdin, crlfDelay: Infinity });
rl.on("line", (line) => {
  if (!line.trim()) return;
  const m = JSON.parse(line);
  if (m.method) chain = chain.then(() => handle(m));
});
rl.on("close", () => void finish());
