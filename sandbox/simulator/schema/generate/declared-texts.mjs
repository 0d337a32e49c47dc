// Reads what the TypeScript declarations of an @pulumi/kubernetes package say about Kubernetes' types: type name →
// { "": the type's own text, field: text }, with line ends as Kubernetes publishes them.
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** `alias`: the package's name in package.json. */
export function readDeclaredTexts(alias) {
  const root = dirname(createRequire(import.meta.url).resolve(`${alias}/package.json`));
  const types = {};
  readNested(join(root, "types/output.d.ts"), types);
  for (const [group, version] of groupVersions(root))
    readKinds(join(root, group, version), `${group}.${version}`, types);
  return types;
}

/** Namespaces group → version → interface, indented by four a level. */
function readNested(file, types) {
  const path = [];
  let fields;
  for (const [line, comment] of documentedLines(file)) {
    const opened = /^(?:export declare)? *namespace (\w+) \{/.exec(line);
    const declared = /^ {8}interface (\w+) \{/.exec(line);
    const property = /^ {12}"?([\w$-]+)"?\??: /.exec(line);
    if (opened) path.push(opened[1]);
    else if (declared) fields = types[`${path.join(".")}.${declared[1]}`] = comment ? { "": comment } : {};
    else if (property && comment) fields[property[1].replace(/^x_.*/, (name) => name.replaceAll("_", "-"))] = comment;
    else if (line === "    }" || line === "}") path.pop();
  }
}

/** Kinds that can be created stand in files of their own, as classes. */
function readKinds(folder, groupVersion, types) {
  for (const file of readdirSync(folder)) {
    if (!file.endsWith(".d.ts")) continue;
    let fields;
    for (const [line, comment] of documentedLines(join(folder, file))) {
      const declared = /^export declare class (\w+) /.exec(line);
      const property = /^ {4}readonly (\w+): /.exec(line);
      // What the class itself says has the package's own words in it; only its fields are Kubernetes'.
      if (declared) fields = types[`${groupVersion}.${declared[1]}`] ??= {};
      else if (property && comment) fields[property[1]] ??= comment;
      else if (line === "}") break;
    }
  }
}

function groupVersions(root) {
  const folders = (path) => readdirSync(path, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return folders(root).flatMap((group) =>
    folders(join(root, group.name))
      .filter((version) => /^v\d+$/.test(version.name))
      .map((version) => [group.name, version.name]),
  );
}

/** Every line that is no comment, with the text of the comment right above it. */
function* documentedLines(file) {
  let comment;
  let isOpen = false;
  for (const line of readFileSync(file, "utf8").split("\n")) {
    if (/^ *\/\*\*$/.test(line)) [comment, isOpen] = [[], true];
    else if (isOpen && /^ *\*\/$/.test(line)) isOpen = false;
    else if (isOpen) comment.push(line.replace(/^ *\* ?/, ""));
    else {
      yield [line, comment?.join("\n").replaceAll("&#47;", "/")];
      comment = undefined;
    }
  }
}
