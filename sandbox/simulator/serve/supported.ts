import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { format, resolveConfig } from "prettier";
import type { KubeObject } from "../api/object";
import { conversionFor } from "../registry/conversion";
import { strategyFor } from "../registry/registry";
import type { Strategy } from "../registry/strategy";
import { modelFor } from "../schema/kind-model";
import { GROUP_VERSIONS, type GroupVersion, type ResourceInfo } from "../schema/resources";

const FULL = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

export const SUPPORTED_PAGE = "docs/supported.md";
const WORDS = "docs/supported-in-words.md";

/** The text of docs/supported.md: what was written by hand, and the tables that the server itself works from. */
export async function supportedPage(projectRoot: string): Promise<string> {
  const words = readFileSync(join(projectRoot, WORDS), "utf8");
  const options = await resolveConfig(join(projectRoot, SUPPORTED_PAGE));
  return await format(page(words, controllerNames(projectRoot)), { ...options, parser: "markdown" });
}

function page(words: string, controllers: readonly string[]): string {
  return [
    "<!-- Made by `npm run generate`. Write in supported-in-words.md; the tables come from the code. -->",
    words.trim(),
    "## Every kind",
    'What discovery announces. "All" are the verbs create, get, list, watch, update, patch, delete and deletecollection.',
    "Every kind is decoded, checked and explained by its schema; the last column says what the server knows beyond that, " +
      "and whether a controller of its own acts on it.",
    ...GROUP_VERSIONS.flatMap((groupVersion) => [
      `### ${groupVersion.group === "" ? groupVersion.version : `${groupVersion.group}/${groupVersion.version}`}`,
      tableOf(groupVersion, controllers),
    ]),
    "## Controllers",
    `${controllers.join(", ")}; the scheduler and a kubelet for each node beside them.`,
  ].join("\n\n");
}

function tableOf({ resources }: GroupVersion, controllers: readonly string[]): string {
  const rows = resources.map((info) => {
    const names = [`\`${info.name}\``, ...info.shortNames].join(", ");
    const subresources = info.subresources.map(({ name }) => name).join(", ");
    return [info.kind, names, verbsOf(info), subresources, knowledgeOf(info, controllers).join("; ")];
  });
  const head = ["kind", "names", "verbs", "subresources", "beyond the schema"];
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function verbsOf({ verbs }: ResourceInfo): string {
  const missing = FULL.filter((verb) => !verbs.includes(verb));
  if (missing.length === 0) return "all";
  return missing.length <= 2 ? `all but ${missing.join(", ")}` : verbs.join(", ");
}

function knowledgeOf(info: ResourceInfo, controllers: readonly string[]): string[] {
  const strategy = strategyFor(info.group, info.name);
  const known: readonly (readonly [keyof Strategy, string])[] = [
    ["defaults", "defaults"],
    ["validate", "validation"],
    ["validateUpdate", "rules for updates"],
    ["gracePeriod", "graceful deletion"],
    ["printer", "columns"],
  ];
  const own = kebab(info.kind);
  return [
    ...known.filter(([hook]) => strategy[hook] !== undefined).map(([, text]) => text),
    ...(strategy.fields ? [`selectors ${fieldNames(info, strategy).join(", ")}`] : []),
    ...(controllers.includes(own) ? ["controller"] : []),
  ];
}

function fieldNames(info: ResourceInfo, strategy: Strategy): string[] {
  const served = conversionFor(info.group, info.version, info.name)?.fields;
  if (served) return Object.keys(served).map((name) => `\`${name}\``);
  const empty: KubeObject = modelFor(info)?.decode({}, "Ignore").object ?? {};
  return Object.keys(strategy.fields?.(empty) ?? {}).map((name) => `\`${name}\``);
}

/** The controllers by the names of their folders, which are those of their kinds where they have one. */
function controllerNames(projectRoot: string): string[] {
  return readdirSync(join(projectRoot, "sandbox/simulator/controllers"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}

/** `ReplicaSet` → `replica-set` */
function kebab(kind: string): string {
  return kind.replace(/(?<=[a-z])(?=[A-Z])/g, "-").toLowerCase();
}
