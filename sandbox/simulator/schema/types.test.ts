import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { GROUP_VERSIONS, kindOf, resourceFor, resourceForKind, schemaFor } from "./resources";
import { existingType, typeNames, typeOf, type Field } from "./types";

const here = import.meta.dirname;
const facts = join(resolve(process.env["SLIPWAY_SHARED"] ?? "../shared"), "k8s-data/facts");
const isThere = existsSync(facts);
const ABSENT = isThere ? "" : ` (skipped: ${facts} is not there)`;

describe("the committed table", () => {
  it("is what the generator makes of the models and the facts", () => {
    const folder = mkdtempSync(join(tmpdir(), "table-"));
    execFileSync(process.execPath, [join(here, "generate/table.mjs"), folder]);
    for (const file of ["types.ts", "enums.ts", "resources.ts"])
      expect(
        readFileSync(join(folder, file), "utf8") === readFileSync(join(here, "generated", file), "utf8"),
        file,
      ).toBe(true);
    rmSync(folder, { recursive: true });
  });

  it("has no type that refers to one it does not know", () => {
    for (const name of typeNames())
      for (const field of existingType(name).declared)
        if (field.type.includes(".")) expect(typeOf(field.type), `${name}.${field.name}`).toBeDefined();
  });

  it("has a type for every kind that is served", () => {
    for (const { resources } of GROUP_VERSIONS)
      for (const info of resources)
        expect(schemaFor(info.group, info.version, info.kind)?.isKind, info.kind).toBe(true);
  });
});

describe.skipIf(!isThere)(`the table beside what Kubernetes publishes${ABSENT}`, () => {
  it("has every protobuf field with its number", () => {
    const published = read("protobuf-fields.json") as Record<string, Record<string, Record<string, [number, string]>>>;
    let fields = 0;
    for (const [packageName, messages] of Object.entries(published)) {
      if (/testapigroup|audit|example|runtime\.schema$/.test(packageName)) continue;
      for (const [message, numbers] of Object.entries(messages)) {
        const type = existingType(
          `${packageName.replace(/^k8s\.io\.(api\.|apimachinery\.pkg\.(apis\.|api\.|util\.)?|\w+\.pkg\.apis\.)/, "")}.${message}`,
        );
        expect(type.declared.map((field) => field.number)).toEqual(Object.values(numbers).map(([number]) => number));
        fields += type.declared.length;
      }
    }
    expect(fields).toBeGreaterThan(2300);
  });

  it("has every merge key, list type and map type", () => {
    const published = read("merge-keys.json") as Record<string, Record<string, Record<string, string | string[]>>>;
    let marks = 0;
    for (const [definition, fields] of Object.entries(published)) {
      const type = typeOf(
        definition.replace(/^io\.k8s\.(api\.|apimachinery\.pkg\.(apis\.|api\.|util\.)?|[\w-]+\.pkg\.apis\.)/, ""),
      );
      if (!type) {
        expect(definition).toMatch(/alpha|beta/);
        continue;
      }
      for (const [name, published] of Object.entries(fields)) {
        if (name === ".") expect(type.mapType, definition).toBe(published["map-type"]);
        else expect(marksOf(type.fields.get(name)), `${definition}.${name}`).toEqual(published);
        marks++;
      }
    }
    expect(marks).toBeGreaterThan(300);
  });
});

describe("looking things up", () => {
  it("finds a kind by group, version and name, and options in every group", () => {
    expect(schemaFor("", "v1", "Pod")?.name).toBe("core.v1.Pod");
    expect(schemaFor("rbac.authorization.k8s.io", "v1", "RoleList")?.name).toBe("rbac.v1.RoleList");
    expect(schemaFor("apps", "v1", "DeleteOptions")?.name).toBe("meta.v1.DeleteOptions");
    expect(schemaFor("apps", "v1", "Pod")).toBeUndefined();
    expect(schemaFor("apps.example.com", "v1", "Deployment")).toBeUndefined();
    expect(schemaFor("", "v1", "PodSpec")).toBeUndefined();
  });

  it("finds a collection by its plural or its kind", () => {
    expect(resourceFor("apps", "v1", "deployments")).toMatchObject({
      kind: "Deployment",
      namespaced: true,
      shortNames: ["deploy"],
      categories: ["all"],
    });
    expect(resourceForKind("", "v1", "Node")).toMatchObject({ name: "nodes", namespaced: false });
    expect(resourceFor("", "v1", "pods")?.subresources.find(({ name }) => name === "eviction")).toEqual({
      name: "eviction",
      kind: "Eviction",
      group: "policy",
      version: "v1",
      verbs: ["create"],
    });
  });

  it("names the kind of a type", () => {
    expect(kindOf("rbac.v1.Role")).toEqual({ group: "rbac.authorization.k8s.io", version: "v1", kind: "Role" });
    expect(kindOf("core.v1.PodSpec")).toBeUndefined();
  });

  it("shows the fields of embedded structs in place", () => {
    expect([...existingType("core.v1.VolumeProjection").fields.keys()]).toContain("secret");
    expect(existingType("core.v1.SecretProjection").fields.get("name")?.default).toBe("");
    expect(existingType("core.v1.Volume").fields.get("configMap")?.type).toBe("core.v1.ConfigMapVolumeSource");
  });
});

function read(file: string): unknown {
  return JSON.parse(readFileSync(join(facts, file), "utf8"));
}

/** A field's marks as the facts file writes them. */
function marksOf(field: Field | undefined): Record<string, unknown> {
  return {
    ...(field?.patchMergeKey && { "patch-merge-key": field.patchMergeKey }),
    ...(field?.patchStrategy && { "patch-strategy": field.patchStrategy.join(",") }),
    ...(field?.listType && { "list-type": field.listType }),
    ...(field?.listMapKeys && { "list-map-keys": field.listMapKeys }),
    ...(field?.mapType && { "map-type": field.mapType }),
  };
}
