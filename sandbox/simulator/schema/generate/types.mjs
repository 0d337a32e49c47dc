// Writes api/generated/kubernetes.ts: the stable kinds of Kubernetes in wire form (times are strings), from the models
// that @kubernetes/client-node (alias k8s-openapi-models) ships. Run by `npm run generate`; facts only, no descriptions.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const entry = createRequire(import.meta.url).resolve("k8s-openapi-models");
const models = join(entry.slice(0, entry.lastIndexOf("/dist/")), "dist/gen/models");
const output = join(here, "../../api/generated/kubernetes.ts");

/** Model class → our name: no version for v1 (`V1Pod` → `Pod`), group kept where two groups share a kind. */
function nameOf(model) {
  if (model === "IntOrString" || model === "any") return model;
  if (model.startsWith("CoreV1")) return model.slice("CoreV1".length);
  const grouped = /^(Events|Discovery|Storage|Flowcontrol|Authentication|Rbac|Resource)V1(.+)$/.exec(model);
  if (grouped) return grouped[1] + grouped[2];
  return model.startsWith("V1") ? model.slice(2) : model;
}

function typeOf(type) {
  const array = /^Array<(.+)>$/.exec(type) ?? /^Set<(.+)>$/.exec(type);
  if (array) return `${typeOf(array[1])}[]`;
  const map = /^\{ \[key: string\]: (.+); \}$/.exec(type);
  if (map) return `Record<string, ${typeOf(map[1])}>`;
  if (type === "Date" || type === "V1MicroTime" || type === "string") return "string";
  if (type === "number" || type === "boolean") return type;
  if (type === "any" || type === "object") return "unknown";
  if (type === "IntOrString") return "IntOrString";
  return nameOf(type);
}

const wanted = readdirSync(models)
  .filter((file) => file.endsWith(".d.ts"))
  .map((file) => file.slice(0, -".d.ts".length))
  .filter(
    (name) => /^(V\d+|[A-Z][a-z]+V\d+)[A-Z]/.test(name) && !/V\d+(alpha|beta)\d+/.test(name) && name !== "V1MicroTime",
  )
  .sort();

const out = [
  "// Made by `npm run generate` (schema/generate/types.mjs). Do not edit.",
  "",
  "export type IntOrString = number | string;",
  "",
];
for (const model of wanted) {
  const declaration = readFileSync(join(models, `${model}.d.ts`), "utf8");
  const source = readFileSync(join(models, `${model}.js`), "utf8");
  const optional = new Set([...declaration.matchAll(/^ {4}'([^']+)'\?:/gm)].map((match) => match[1]));
  const fields = [...source.matchAll(/"name": "([^"]+)",\s*"baseName": "([^"]+)",\s*"type": "([^"]+)"/g)];
  out.push(`export interface ${nameOf(model)} {`);
  for (const [, name, wire, type] of fields) {
    const key = /^[A-Za-z_][\w]*$/.test(wire) ? wire : JSON.stringify(wire);
    out.push(`  ${key}${optional.has(name) ? "?" : ""}: ${typeOf(type)};`);
  }
  out.push("}", "");
}
writeFileSync(output, out.join("\n"));
