import { describe, expect, it } from "vitest";
import { parseJsonPath } from "./json-path";

const OBJECT = {
  metadata: { labels: { "app.kubernetes.io/name": "web" } },
  spec: { ports: [{ port: 80 }, { port: 443 }] },
  status: {
    conditions: [
      { type: "Other", status: "False" },
      { type: "Ready", status: "True" },
    ],
  },
};

describe("the path of a column", () => {
  it.each([
    [".spec.ports[0].port", [80]],
    [".spec.ports[-1].port", [443]],
    [".spec.ports[*].port", [80, 443]],
    [".metadata.labels['app.kubernetes.io/name']", ["web"]],
    [".metadata.labels.app\\.kubernetes\\.io/name", ["web"]],
    ['.status.conditions[?(@.type=="Ready")].status', ["True"]],
    [".spec.ports[?(@.port>80)].port", [443]],
    [".spec.none", []],
  ])("%s leads to %j", (path, found) => {
    expect(parseJsonPath(path)?.(OBJECT)).toEqual(found);
  });

  it("is none when it cannot be read", () => {
    expect(parseJsonPath(".spec[")).toBeUndefined();
  });
});
