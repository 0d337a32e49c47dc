// Writes schema/generated/{types,enums,resources}.ts: the stable kinds of Kubernetes as one compact table. JSON names and
// required fields come from the models that @kubernetes/client-node (alias k8s-openapi-models) ships; protobuf numbers,
// merge keys and what is served come from our own schema/facts/*.txt. Facts only, committed; run it when the facts or
// the models change: node sandbox/simulator/schema/generate/table.mjs [folder].
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const entry = createRequire(import.meta.url).resolve("k8s-openapi-models");
const models = join(entry.slice(0, entry.lastIndexOf("/dist/")), "dist/gen/models");

const packages = readFacts();
for (const [name, type] of packages) type.model = readModel(name);
for (const [name, type] of packages) if (type.model) markInlined(name, type);

const problems = [];
const lines = [];
let current = "";
for (const [name, type] of packages) {
  const pkg = name.slice(0, name.lastIndexOf("."));
  if (pkg !== current) lines.push(`package ${(current = pkg)}`);
  lines.push(...render(name, type));
}
if (problems.length > 0) throw new Error(problems.join("\n"));

const output = process.argv[2] ?? join(here, "../generated");
mkdirSync(output, { recursive: true });
write("types", "TYPES_TABLE", lines.join("\n"));
write("enums", "ENUMS_TABLE", readLines("enums.txt").join("\n"));
write("resources", "RESOURCES_TABLE", readLines("resources.txt").join("\n"));

/** facts/fields.txt → Map of type name → { marks, fields: [{ name, number, type, marks }] }. */
function readFacts() {
  const types = new Map();
  let pkg = "";
  let type;
  for (const line of readLines("fields.txt")) {
    const [first, ...rest] = line.trim().split(" ");
    if (line.startsWith("package ")) pkg = rest[0];
    else if (line.startsWith(" "))
      type.fields.push({ name: first, number: rest[0], type: rest[1], marks: rest.slice(2) });
    else types.set(`${pkg}.${first}`, (type = { marks: rest, fields: [] }));
  }
  return types;
}

function readLines(file) {
  return readFileSync(join(here, "../facts", file), "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
}

/** JSON names and which are required, from the model class; undefined for types that only protobuf has. */
function readModel(name) {
  const [group, version, kind] = name.split(".");
  if (!kind) return undefined;
  const upper = (word) => word[0].toUpperCase() + word.slice(1);
  const className = [`${upper(group)}${upper(version)}${kind}`, `${upper(version)}${kind}`].find((candidate) =>
    existsSync(join(models, `${candidate}.js`)),
  );
  if (!className) return undefined;
  const declaration = readFileSync(join(models, `${className}.d.ts`), "utf8");
  const optional = new Set([...declaration.matchAll(/^ {4}'([^']+)'\?:/gm)].map((match) => match[1]));
  const source = readFileSync(join(models, `${className}.js`), "utf8");
  const fields = [...source.matchAll(/"name": "([^"]+)",\s*"baseName": "([^"]+)"/g)];
  return new Map(fields.map(([, property, json]) => [json, { required: !optional.has(property) }]));
}

/** `$ref` ← `ref`, `x-kubernetes-list-type` ← `xKubernetesListType`, `webhooks` ← `Webhooks`. */
function jsonNameOf(field, model) {
  if (!model || model.has(field)) return field;
  const plain = (text) => text.replace(/^\$/, "").replace(/-/g, "").toLowerCase();
  return [...model.keys()].find((json) => plain(json) === plain(field));
}

function resolve(owner, type) {
  const bare = type.replace(/^\*?(\[\]|\{\})?/, "");
  if (!/[A-Z]/.test(bare)) return undefined;
  return bare.includes(".") ? bare : `${owner.slice(0, owner.lastIndexOf("."))}.${bare}`;
}

/** A message field without a JSON name of its own is a Go struct embedded inline: its fields stand in the parent. */
function markInlined(name, type) {
  for (const field of type.fields) {
    if (jsonNameOf(field.name, type.model)) continue;
    const target = resolve(name, field.type);
    if (!target) continue;
    field.inline = true;
    const inner = packages.get(target);
    if (inner.model) continue;
    inner.model = type.model;
    inner.inlined = true;
    markInlined(target, inner);
  }
}

function render(name, type) {
  const names = type.fields.map((field) => (field.inline ? undefined : jsonNameOf(field.name, type.model)));
  const isKind = type.model
    ? !type.inlined &&
      type.model.has("apiVersion") &&
      type.model.has("kind") &&
      !names.includes("apiVersion") &&
      !names.includes("kind")
    : /^(meta|core)\.v1\.\w+Options$|^core\.v1\.(SerializedReference|RangeAllocation)$|^(admission|apidiscovery)\.v\d\.(AdmissionReview|APIGroupDiscovery|APIGroupDiscoveryList)$/.test(
        name,
      );
  const lines = [[name.slice(name.lastIndexOf(".") + 1) + (isKind ? "*" : ""), ...type.marks].join(" ")];
  type.fields.forEach((field, index) => {
    const json = names[index];
    if (!field.inline && !json) return problems.push(`${name}.${field.name}: no JSON name`);
    const required = json && type.model?.get(json)?.required ? "!" : "";
    lines.push(
      ` ${[field.inline ? `~${field.name}` : json + required, field.number, field.type, ...field.marks].join(" ")}`,
    );
  });
  return lines;
}

function write(file, constant, text) {
  const source = `// Made by schema/generate/table.mjs. Do not edit.\n\nexport const ${constant} = \`\n${text.replaceAll("$", "\\$")}\n\`;\n`;
  writeFileSync(join(output, `${file}.ts`), source);
}
