import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { AGGREGATED_DISCOVERY, discoveryFor } from "./discovery";

const recorded = join(resolve(process.env["SLIPWAY_SHARED"] ?? "../shared"), "k8s-data/discovery/default-server.json");
const KUBECTL_ACCEPT =
  "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json";

function read(path: string, accept: string): unknown {
  const answer = discoveryFor(path, accept);
  return answer && JSON.parse(new TextDecoder().decode(answer.body));
}

describe.skipIf(!existsSync(recorded))(
  `aggregated discovery${existsSync(recorded) ? "" : ` (skipped: ${recorded} is not there)`}`,
  () => {
    const server = existsSync(recorded)
      ? (JSON.parse(readFileSync(recorded, "utf8")) as { api: unknown; apis: unknown })
      : { api: {}, apis: {} };

    it("answers /api as a real server does", () => {
      expect(read("/api", KUBECTL_ACCEPT)).toEqual(server.api);
    });

    it("answers /apis as a real server does", () => {
      expect(read("/apis", KUBECTL_ACCEPT)).toEqual(server.apis);
    });
  },
);

describe("discovery", () => {
  it("names the aggregated form in the content type, and only when asked for it", () => {
    expect(discoveryFor("/apis", KUBECTL_ACCEPT)?.contentType).toBe(AGGREGATED_DISCOVERY);
    expect(discoveryFor("/apis", "application/json")?.contentType).toBe("application/json");
    expect(
      discoveryFor("/apis", "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList")?.contentType,
    ).toBe("application/json");
  });

  it("lists a group version's resources with their subresources", () => {
    const list = read("/apis/apps/v1", "application/json") as { groupVersion: string; resources: object[] };
    expect(list.groupVersion).toBe("apps/v1");
    expect(list.resources).toContainEqual({
      name: "deployments/scale",
      singularName: "",
      namespaced: true,
      group: "autoscaling",
      version: "v1",
      kind: "Scale",
      verbs: ["get", "patch", "update"],
    });
  });

  it("names a group's versions, the preferred one first", () => {
    expect(read("/apis/autoscaling", "*/*")).toEqual({
      kind: "APIGroup",
      apiVersion: "v1",
      name: "autoscaling",
      versions: [
        { groupVersion: "autoscaling/v2", version: "v2" },
        { groupVersion: "autoscaling/v1", version: "v1" },
      ],
      preferredVersion: { groupVersion: "autoscaling/v2", version: "v2" },
    });
  });

  it("knows no other path", () => {
    for (const path of ["/apis/nope", "/apis/apps/v2", "/api/v2", "/api/v1/pods", "/apis/apps/v1/deployments", "/"])
      expect(discoveryFor(path, "")).toBeUndefined();
  });
});
