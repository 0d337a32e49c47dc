import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { cannotBeHandled, decodeJson, decodeObject } from "./decode";
import { DecodeError } from "./protobuf-reader";
import { schemaFor } from "./resources";
import type { SchemaType } from "./types";

const fixtures = join(resolve(process.env["SLIPWAY_SHARED"] ?? "../shared"), "k8s-data/fixtures");
const names = existsSync(fixtures)
  ? readdirSync(fixtures).filter(
      (file) => file.endsWith(".json") && !file.includes(".after_") && !file.startsWith("core.v1.WatchEvent"),
    )
  : [];

function kind(group: string, version: string, name: string): SchemaType {
  const type = schemaFor(group, version, name);
  if (!type) throw new Error(`no ${name}`);
  return type;
}
const POD = kind("", "v1", "Pod");
const SERVICE = kind("", "v1", "Service");
const DEPLOYMENT = kind("apps", "v1", "Deployment");

describe.skipIf(names.length === 0)(
  `JSON bodies of ${names.length} kinds${names.length === 0 ? ` (skipped: ${fixtures} is not there)` : ""}`,
  () => {
    it.each(names)("reads %s back whole, in Go's order, without complaint", (file) => {
      const [, group = "", version = "", name = ""] = /^(.+)\.(v\d)\.(.+)\.json$/.exec(file) ?? [];
      const text = readFileSync(join(fixtures, file), "utf8");
      const { object, messages } = decodeJson(kind(group === "core" ? "" : group, version, name), text, "Warn");
      expect(messages).toEqual([]);
      expect(JSON.stringify(object)).toBe(JSON.stringify(JSON.parse(text)));
    });
  },
);

describe("strict decoding", () => {
  it.each([
    [POD, '{"metadata":{"nam":"a"}}', 'unknown field "metadata.nam"'],
    [POD, '{"spec":{"containers":[{"name":"c","imge":"nginx"}]}}', 'unknown field "spec.containers[0].imge"'],
    [SERVICE, '{"spec":{"selectr":{"a":"b"},"ports":[{"port":80}]}}', 'unknown field "spec.selectr"'],
    [POD, '{"metadata":{"labels":{"a":"1","a":"2"}}}', 'duplicate field "metadata.labels.a"'],
    [POD, '{"spec":{"nodeName":"a","x":1,"nodeName":"b"}}', 'unknown field "spec.x", duplicate field "spec.nodeName"'],
    [POD, '{"kind":"Pod","kind":"Pod"}', 'duplicate field "kind"'],
  ])("names what is unknown or repeated", (type, text, message) => {
    expect(() => decodeJson(type, text, "Strict")).toThrow(new DecodeError(`strict decoding error: ${message}`));
    expect(decodeJson(type, text, "Warn").messages.join(", ")).toBe(message);
    expect(decodeJson(type, text, "Ignore").messages).toEqual([]);
  });

  it("stops at a hundred complaints", () => {
    const text = JSON.stringify(Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`x${index}`, 1])));
    expect(decodeJson(POD, text, "Warn").messages).toHaveLength(100);
  });
});

describe("a value of the wrong type", () => {
  it.each([
    [
      DEPLOYMENT,
      '{"spec":{"replicas":"3"}}',
      "json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32",
    ],
    [
      DEPLOYMENT,
      '{"spec":{"replicas":1.5}}',
      "json: cannot unmarshal number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32",
    ],
    [
      POD,
      '{"spec":{"containers":{"name":"c"}}}',
      "json: cannot unmarshal object into Go struct field PodSpec.spec.containers of type []v1.Container",
    ],
    [
      POD,
      '{"spec":{"containers":["c"]}}',
      "json: cannot unmarshal string into Go struct field PodSpec.spec.containers of type v1.Container",
    ],
    [
      POD,
      '{"spec":{"containers":[{"ports":[{"containerPort":"80"}]}]}}',
      "json: cannot unmarshal string into Go struct field ContainerPort.spec.containers.ports.containerPort of type int32",
    ],
    [
      POD,
      '{"spec":{"containers":[{"ports":[{"protocol":6}]}]}}',
      "json: cannot unmarshal number into Go struct field ContainerPort.spec.containers.ports.protocol of type v1.Protocol",
    ],
    [
      POD,
      '{"metadata":{"labels":{"a":true}}}',
      "json: cannot unmarshal bool into Go struct field ObjectMeta.metadata.labels of type string",
    ],
    [
      POD,
      '{"spec":{"volumes":[{"emptyDir":1}]}}',
      "json: cannot unmarshal number into Go struct field Volume.spec.volumes.VolumeSource.emptyDir of type v1.EmptyDirVolumeSource",
    ],
    [
      SERVICE,
      '{"spec":{"ports":[{"targetPort":true}]}}',
      "json: cannot unmarshal bool into Go struct field ServicePort.spec.ports.targetPort of type int32",
    ],
    [
      POD,
      '{"spec":{"containers":[{"resources":{"limits":{"cpu":"1core"}}}]}}',
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    ],
    [
      POD,
      '{"spec":{"hostNetwork":"x","nodeName":5}}',
      "json: cannot unmarshal string into Go struct field PodSpec.spec.hostNetwork of type bool",
    ],
    [kind("", "v1", "Secret"), '{"data":{"a":"abc"}}', "illegal base64 data at input byte 0"],
    [POD, "[]", "json: cannot unmarshal array into Go value of type v1.Pod"],
  ])("is refused in Go's words", (type, text, message) => {
    expect(() => decodeJson(type, text, "Strict")).toThrow(new DecodeError(message));
    expect(() => decodeJson(type, text, "Ignore")).toThrow(new DecodeError(message));
  });

  it("comes before unknown fields", () => {
    expect(() => decodeJson(POD, '{"x":1,"spec":{"nodeName":5}}', "Strict")).toThrow(/cannot unmarshal number/);
  });

  it("has the converter's words after a patch", () => {
    expect(() => decodeObject(kind("", "v1", "ConfigMap"), { data: { n: 1 } }, "Strict", "converter")).toThrow(
      new DecodeError("cannot convert int64 to string"),
    );
    expect(() => decodeObject(POD, { spec: { priority: "high" } }, "Strict", "converter")).toThrow(
      new DecodeError("unrecognized type: int32"),
    );
    expect(() => decodeObject(POD, { spec: { containers: {} } }, "Strict", "converter")).toThrow(
      new DecodeError("cannot restore slice from map"),
    );
  });

  it("is introduced by kind and version", () => {
    expect(cannotBeHandled("Pod", "v1", "boo")).toBe('Pod in version "v1" cannot be handled as a Pod: boo');
  });
});

describe("a decoded object", () => {
  it("is written the one way the API writes it", () => {
    const { object } = decodeObject(
      POD,
      {
        spec: {
          containers: [{ resources: { limits: { memory: "1024Mi", cpu: 0.5 } }, name: "c", stdin: false, env: null }],
        },
        kind: "Pod",
        apiVersion: "v1",
      },
      "Strict",
    );
    expect(JSON.stringify(object)).toBe(
      '{"kind":"Pod","apiVersion":"v1","metadata":{},"spec":{"containers":[{"name":"c","resources":{"limits":{"memory":"1Gi","cpu":"500m"}}}]},"status":{}}',
    );
  });

  it("keeps a zero that is a pointer and drops one that is not", () => {
    const { object } = decodeObject(DEPLOYMENT, { spec: { replicas: 0, minReadySeconds: 0 } }, "Strict");
    expect(object["spec"]).toMatchObject({ replicas: 0 });
    expect(object["spec"]).not.toHaveProperty("minReadySeconds");
  });

  it("shows a time that was never set as null, unless Go leaves it out", () => {
    const conditions = [{ type: "Ready", status: "True", lastTransitionTime: "2026-01-01T00:00:00Z" }];
    const { object } = decodeObject(POD, { status: { conditions } }, "Strict");
    expect(object["status"]).toEqual({ conditions: [{ ...conditions[0], lastProbeTime: null }] });
    expect(object["metadata"]).toEqual({});
  });

  it("keeps keys that mean something to JavaScript as plain data", () => {
    const { object } = decodeJson(
      kind("", "v1", "ConfigMap"),
      '{"data":{"__proto__":"x","constructor":"y"}}',
      "Strict",
    );
    expect(JSON.stringify(object["data"])).toBe('{"__proto__":"x","constructor":"y"}');
    expect(() => decodeJson(POD, '{"__proto__":{}}', "Strict")).toThrow('unknown field "__proto__"');
  });
});

describe("text that is no JSON", () => {
  it.each([
    ["", "unexpected end of JSON input"],
    ['{"a":', "unexpected end of JSON input"],
    ["{a:1}", "invalid character 'a' looking for beginning of object key string"],
    ['{"a":1} x', "invalid character 'x' after top-level value"],
    ["[1 2]", "invalid character '2' after array element"],
    ["nope", "invalid character 'n' looking for beginning of value"],
    ["[".repeat(5000), "exceeded max depth"],
  ])("is refused: %s", (text, message) => {
    expect(() => decodeJson(POD, text, "Strict")).toThrow(new DecodeError(message));
  });
});

it("refuses a schema that nests without end", () => {
  const crd = kind("apiextensions.k8s.io", "v1", "CustomResourceDefinition");
  let schema: object = {};
  for (let depth = 0; depth < 5000; depth++) schema = { not: schema };
  const value = { spec: { versions: [{ name: "v1", schema: { openAPIV3Schema: schema } }] } };
  expect(() => decodeObject(crd, value, "Strict")).toThrow(new DecodeError("exceeded max depth"));
});
