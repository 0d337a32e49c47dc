// Writes schema/generated/descriptions.json for `kubectl explain`: what each type, field and value means. Never
// committed; the simulator works without it. The words are Kubernetes' own, out of three packages:
//   k8s-openapi-models (@kubernetes/client-node): types and fields of the right version, but nothing where a field holds
//     another type, and without line ends
//   k8s-openapi-texts (@pulumi/kubernetes): the same with line ends and with the fields that hold other types
//   k8s-openapi-enums (an @pulumi/kubernetes of Kubernetes 1.23): the only one that says what values of closed sets mean
// What none of them tells stands in explain-gaps.txt (explain.test.ts keeps it).
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { readDeclaredTexts } from "./declared-texts.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const entry = createRequire(import.meta.url).resolve("k8s-openapi-models");
const models = join(entry.slice(0, entry.lastIndexOf("/dist/")), "dist/gen/models");

// The models put this in place of what such fields really say.
const PLACEHOLDER = /^(IntOrString is a type|MicroTime is version of Time|JSON(SchemaProps\w+)? represents )/;

const types = readTypes();
const enums = readEnums();
const declared = readDeclaredTexts("k8s-openapi-texts");
const descriptions = {};
for (const name of types.keys()) {
  const own = mergeTexts(modelTexts(name), declared[name] ?? {});
  if (Object.keys(own).length > 0) descriptions[name] = own;
}
Object.assign(descriptions, valueTexts(readDeclaredTexts("k8s-openapi-enums")));
writeFileSync(join(here, "../generated/descriptions.json"), JSON.stringify(descriptions));

/** Type name → its fields, out of the committed table: { name, pkg, goType of strings }. */
function readTypes() {
  const found = new Map();
  let pkg = "";
  let fields;
  for (const line of readTable("types.ts")) {
    const [first, , of = "", ...marks] = line.trim().split(" ");
    if (line.startsWith("package ")) pkg = line.slice("package ".length);
    else if (line.startsWith(" ")) {
      const goType = /string$/.test(of) ? marks.find((mark) => mark.startsWith("go="))?.slice("go=".length) : undefined;
      fields.push({ name: first.replace(/^~|!$/g, ""), pkg, goType });
    } else found.set(`${pkg}.${first.replace("*", "")}`, (fields = []));
  }
  return found;
}

/** Enum type → its values. */
function readEnums() {
  const found = new Map();
  let pkg = "";
  for (const line of readTable("enums.ts")) {
    if (line.startsWith("package ")) pkg = line.slice("package ".length);
    else
      found.set(
        `${pkg}.${line.split(" ")[0]}`,
        [...line.matchAll(/"([^"]*)"/g)].map((match) => match[1]),
      );
  }
  return found;
}

function readTable(file) {
  const source = readFileSync(join(here, "../generated", file), "utf8");
  return source
    .slice(source.indexOf("`") + 1, source.lastIndexOf("`"))
    .trim()
    .split("\n");
}

/** Where both say the same, the one with line ends; otherwise the model, which is of the right version. */
function mergeTexts(model, other) {
  const bare = (text) => text.replace(/\s+/g, "");
  const merged = { ...other, ...model };
  for (const [name, text] of Object.entries(other))
    if (model[name] !== undefined && bare(model[name]) === bare(text)) merged[name] = text;
  return merged;
}

/** "" is the type's own description, then those of its fields by JSON name. */
function modelTexts(name) {
  const [group, version, kind] = name.split(".");
  if (!kind) return {};
  const upper = (word) => word[0].toUpperCase() + word.slice(1);
  const className = [`${upper(group)}${upper(version)}${kind}`, `${upper(version)}${kind}`].find((candidate) =>
    existsSync(join(models, `${candidate}.d.ts`)),
  );
  if (!className) return {};
  const declaration = readFileSync(join(models, `${className}.d.ts`), "utf8");
  const source = readFileSync(join(models, `${className}.js`), "utf8");
  const jsonNames = new Map(
    [...source.matchAll(/"name": "([^"]+)",\s*"baseName": "([^"]+)"/g)].map(([, property, json]) => [property, json]),
  );
  const texts = {};
  const own = /\/\*\*\n\* (.*)\n\*\/\nexport declare class/.exec(declaration);
  if (own) texts[""] = plain(own[1]);
  for (const [, comment, property] of declaration.matchAll(/ {4}\/\*\*\n {4}\* (.*)\n {4}\*\/\n {4}'([^']+)'\??:/g)) {
    if (!PLACEHOLDER.test(comment)) texts[jsonNames.get(property) ?? property] = plain(comment);
  }
  return texts;
}

/**
 * Undoes what the models' generator did to the text: quotes and ends of comments escaped, line ends turned to spaces.
 * Two spaces after the end of a sentence are as likely two spaces.
 */
function plain(comment) {
  return comment
    .replace(/\\(['"\\])/g, "$1")
    .replaceAll("*_/", "*/")
    .replaceAll("/_*", "/*")
    .trim()
    .replace(/ {3}(?=[*-] )/g, "\n ");
}

/** Enum type → value → what it means, from every field that has one of them. */
function valueTexts(texts) {
  const found = {};
  for (const [name, fields] of types)
    for (const { name: field, pkg, goType } of fields) {
      const enumType = goType && enumTypeOf(pkg, goType);
      const text = texts[name]?.[field] ?? "";
      if (!enumType) continue;
      for (const [, value, meaning] of text.matchAll(/^ ?- `"(.*?)"` (.+)$/gm))
        if (enums.get(enumType).includes(value)) (found[enumType] ??= {})[value] = meaning;
    }
  return found;
}

function enumTypeOf(pkg, goType) {
  const name = /[^.\]]+$/.exec(goType)?.[0];
  return [pkg, "core.v1", "meta.v1"].map((from) => `${from}.${name}`).find((candidate) => enums.has(candidate));
}
