// Runs after `next build`: the hashes of the inline scripts of every prerendered page, for the policy each is sent with.
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const prerendered = join(root, ".next/server/app");

const pages = {};
for (const file of readdirSync(prerendered, { recursive: true })) {
  if (!file.endsWith(".html")) continue;
  const path = `/${file.slice(0, -".html".length)}`;
  pages[path === "/index" ? "/" : path] = hashesOf(readFileSync(join(prerendered, file), "utf8"));
}
if (!pages["/"]) throw new Error(`${prerendered} has no home page: run next build first`);

mkdirSync(join(root, "dist"), { recursive: true });
writeFileSync(join(root, "dist/csp.json"), `${JSON.stringify({ version: 1, pages }, null, 1)}\n`);

function hashesOf(html) {
  const inline = [...html.matchAll(/<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/g)].map((match) => match[1]);
  return [...new Set(inline.map((code) => `sha256-${createHash("sha256").update(code).digest("base64")}`))];
}
