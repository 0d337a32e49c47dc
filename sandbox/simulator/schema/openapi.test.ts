import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { OpenApiPublisher } from "./openapi";
import { OPERATION_EXCEPTIONS, PATH_EXCEPTIONS, SCHEMA_KEY_EXCEPTIONS } from "./parity-exceptions";

const recorded = join(resolve(process.env["SLIPWAY_SHARED"] ?? "../shared"), "k8s-data/openapi-v3");
const files = existsSync(recorded) ? readdirSync(recorded).filter((file) => /__v\d_openapi\.json$/.test(file)) : [];

interface Document {
  readonly paths: Record<string, Record<string, Record<string, unknown>>>;
  readonly components: { readonly schemas: Record<string, Record<string, unknown>> };
}

const publisher = new OpenApiPublisher();

function read(path: string, from = publisher): Document {
  const answer = from.answer(path, "application/json");
  if (!answer) throw new Error(`no document at ${path}`);
  return JSON.parse(new TextDecoder().decode(answer.body)) as Document;
}

describe.skipIf(files.length === 0)(
  `OpenAPI documents of ${files.length} group versions${files.length === 0 ? ` (skipped: ${recorded} is not there)` : ""}`,
  () => {
    it.each(files)("%s has the schemas and operations a real server publishes", (file) => {
      const real = JSON.parse(readFileSync(join(recorded, file), "utf8")) as Document;
      const ours = read(`/openapi/v3/${file.replace("_openapi.json", "").replaceAll("__", "/")}`);
      expect(Object.keys(ours.components.schemas)).toEqual(Object.keys(real.components.schemas).sort());
      for (const [name, schema] of Object.entries(real.components.schemas))
        expect(plain(ours.components.schemas[name]), name).toEqual(plain(schema));
      expect(operationsOf(ours)).toEqual(operationsOf(real));
    });
  },
);

/** Without what the listed exceptions name, and with a lone `allOf` unwrapped: it says the same. */
function plain(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(plain);
  if (typeof node !== "object" || node === null) return node;
  const entries = Object.entries(node).filter(([key, value]) => !isException(key, value));
  const [only, ...others] = entries;
  if (only?.[0] === "allOf" && others.length === 0 && Array.isArray(only[1]) && only[1].length === 1)
    return plain(only[1][0]);
  return Object.fromEntries(entries.map(([key, value]) => [key, plain(value)]));
}

/** A property may be called `description` or `enum` too: what is meant is the schema's own key. */
function isException(key: string, value: unknown): boolean {
  if (!Object.hasOwn(SCHEMA_KEY_EXCEPTIONS, key)) return false;
  return key === "description" ? typeof value === "string" : Array.isArray(value);
}

/** `path method action kind`, but for the listed exceptions. */
function operationsOf({ paths }: Document): string[] {
  const lines: string[] = [];
  for (const [path, methods] of Object.entries(paths)) {
    if (Object.keys(PATH_EXCEPTIONS).some((part) => path.includes(part))) continue;
    for (const [method, operation] of Object.entries(methods)) {
      if (Object.hasOwn(OPERATION_EXCEPTIONS, method)) continue;
      const kind = operation["x-kubernetes-group-version-kind"] as Record<string, string> | undefined;
      lines.push(
        [path, method, operation["x-kubernetes-action"], kind?.["group"], kind?.["version"], kind?.["kind"]].join(" "),
      );
    }
  }
  return lines.sort();
}

describe("the publisher", () => {
  it("indexes every group version with a hash that makes its document immutable", () => {
    const index = JSON.parse(new TextDecoder().decode(publisher.answer("/openapi/v3", "")?.body)) as {
      paths: Record<string, { serverRelativeURL: string }>;
    };
    const { serverRelativeURL } = index.paths["apis/apps/v1"] ?? { serverRelativeURL: "" };
    const [path = "", hash = ""] = serverRelativeURL.split("?hash=");
    expect(path).toBe("/openapi/v3/apis/apps/v1");
    expect(publisher.answer(path, "", hash)?.isImmutable).toBe(true);
    expect(publisher.answer(path, "", "other")?.isImmutable).toBe(false);
    expect(Object.keys(index.paths)).toContain("api/v1");
  });

  it("says that patches take fieldValidation, which kubectl looks for", () => {
    const patch =
      read("/openapi/v3/apis/apps/v1").paths["/apis/apps/v1/namespaces/{namespace}/deployments/{name}"]?.["patch"];
    expect(patch?.["parameters"]).toContainEqual({
      name: "fieldValidation",
      in: "query",
      schema: { type: "string", uniqueItems: true },
    });
  });

  it("lists the values of closed sets, with them in the text as well", () => {
    const pod = read("/openapi/v3/api/v1").components.schemas["io.k8s.api.core.v1.PodSpec"] as {
      properties: Record<string, object>;
    };
    expect(pod.properties["restartPolicy"]).toEqual({
      type: "string",
      description: 'Possible enum values:\n - `"Always"`\n - `"Never"`\n - `"OnFailure"`',
      enum: ["Always", "Never", "OnFailure"],
    });
  });

  it("puts in the descriptions it is given, asking for them once", () => {
    let calls = 0;
    const described = new OpenApiPublisher(() => {
      calls++;
      return {
        "core.v1.ConfigMap": { "": "A ConfigMap.", data: "Its data.", metadata: "Whose it is." },
        "core.v1.PodSpec": { restartPolicy: "When to start anew." },
        "core.v1.RestartPolicy": { Never: "means never" },
      };
    });
    const schemas = read("/openapi/v3/api/v1", described).components.schemas as Record<
      string,
      { description: string; properties: Record<string, { description?: string }> }
    >;
    const schema = schemas["io.k8s.api.core.v1.ConfigMap"];
    read("/openapi/v3/apis/apps/v1", described);
    expect(schema?.description).toBe("A ConfigMap.");
    expect(schema?.properties["data"]?.description).toBe("Its data.");
    expect(schema?.properties["metadata"]?.description).toBe("Whose it is.");
    expect(schemas["io.k8s.api.core.v1.PodSpec"]?.properties["restartPolicy"]?.description).toBe(
      'When to start anew.\n\nPossible enum values:\n - `"Always"`\n - `"Never"` means never\n - `"OnFailure"`',
    );
    expect(calls).toBe(1);
  });

  it("answers v2 in protobuf when asked so, and no other path", () => {
    const answer = publisher.answer("/openapi/v2", "application/com.github.proto-openapi.spec.v2@v1.0+protobuf");
    expect(answer?.contentType).toContain("protobuf");
    expect([...(answer?.body ?? [])].slice(0, 5)).toEqual([10, 3, 50, 46, 48]);
    for (const path of ["/openapi", "/openapi/v3/", "/openapi/v3/apis/apps", "/openapi/v3/apis/nope/v1"])
      expect(publisher.answer(path, "")).toBeUndefined();
  });
});
