import { fileURLToPath } from "node:url";
import { defineConfig } from "prisma/config";

// The native engine cannot be downloaded everywhere: the same engine runs as WebAssembly (docs/decisions/004).
process.env.PRISMA_SCHEMA_ENGINE_BINARY ??= fileURLToPath(new URL("./bin/schema-engine.mjs", import.meta.url));
process.env.CHECKPOINT_DISABLE ??= "1";
process.env.PRISMA_HIDE_UPDATE_MESSAGE ??= "1";

export default defineConfig({
  schema: "prisma/schema.prisma",
  migrations: { path: "prisma/migrations" },
  datasource: { url: process.env.DATABASE_URL ?? "postgres://slipway@127.0.0.1:1/slipway" },
});
