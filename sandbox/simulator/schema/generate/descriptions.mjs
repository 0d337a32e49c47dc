// Writes schema/generated/descriptions.json for `kubectl explain`: what each type and field means, in the words of the
// models that @kubernetes/client-node (alias k8s-openapi-models) ships. Never committed; the simulator works without it.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const entry = createRequire(import.meta.url).resolve("k8s-openapi-models");
const models = join(entry.slice(0, entry.lastIndexOf("/dist/")), "dist/gen/models");

// The models put this in place of what such fields really say.
const INT_OR_STRING = "IntOrString is a type that can hold an int32 or a string.";

const descriptions = {};
for (const name of typeNames()) {
  const [group, version, kind] = name.split(".");
  const upper = (word) => word[0].toUpperCase() + word.slice(1);
  const className =
    kind &&
    [`${upper(group)}${upper(version)}${kind}`, `${upper(version)}${kind}`].find((candidate) =>
      existsSync(join(models, `${candidate}.d.ts`)),
    );
  if (className) descriptions[name] = readModel(className);
}
writeFileSync(join(here, "../generated/descriptions.json"), JSON.stringify(descriptions));

function typeNames() {
  const names = [];
  let pkg = "";
  for (const line of readFileSync(join(here, "../facts/fields.txt"), "utf8").split("\n")) {
    if (line.startsWith("package ")) pkg = line.slice("package ".length);
    else if (/^[A-Z]/.test(line)) names.push(`${pkg}.${line.split(" ")[0]}`);
  }
  return names;
}

/** "" is the type's own description, then those of its fields by JSON name. */
function readModel(className) {
  const declaration = readFileSync(join(models, `${className}.d.ts`), "utf8");
  const source = readFileSync(join(models, `${className}.js`), "utf8");
  const jsonNames = new Map(
    [...source.matchAll(/"name": "([^"]+)",\s*"baseName": "([^"]+)"/g)].map(([, property, json]) => [property, json]),
  );
  const model = {};
  const own = /\/\*\*\n\* (.*)\n\*\/\nexport declare class/.exec(declaration);
  if (own) model[""] = plain(own[1]);
  for (const [, comment, property] of declaration.matchAll(/ {4}\/\*\*\n {4}\* (.*)\n {4}\*\/\n {4}'([^']+)'\??:/g)) {
    if (!comment.startsWith(INT_OR_STRING)) model[jsonNames.get(property) ?? property] = plain(comment);
  }
  return model;
}

/** Undoes what the models' generator did to the text: quotes and ends of comments escaped, line ends turned to spaces. */
function plain(comment) {
  return comment
    .replace(/\\(['"\\])/g, "$1")
    .replaceAll("*_/", "*/")
    .replaceAll("/_*", "/*")
    .trim()
    .replace(/ {3}(?=[*-] )/g, "\n  ")
    .replace(/ {2}(?! )/g, "\n\n");
}
