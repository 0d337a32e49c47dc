import type { ObjectKey } from "../api/object";
import type { Client } from "../client/client";
import { PERSISTENT_VOLUME_CLAIMS, PODS } from "../client/resources";
import { GOOD_IMAGE } from "./workloads";

/** Claims that nobody's template makes, and pods on their own that use them. */
export type ClaimOperation = "claim" | "use" | "unclaim";

export async function performOnClaim(client: Client, operation: ClaimOperation, pick: number): Promise<void> {
  const claim: ObjectKey = { namespace: "default", name: `claim-${pick % 2}` };
  switch (operation) {
    case "claim":
      await client.create(PERSISTENT_VOLUME_CLAIMS, {
        metadata: claim,
        spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Mi" } } },
      });
      return;
    case "unclaim":
      return client.delete(PERSISTENT_VOLUME_CLAIMS, claim);
    case "use":
      await client.create(PODS, {
        metadata: { namespace: "default", generateName: "user-" },
        spec: {
          terminationGracePeriodSeconds: 1,
          containers: [{ name: "main", image: GOOD_IMAGE, volumeMounts: [{ name: "data", mountPath: "/data" }] }],
          volumes: [{ name: "data", persistentVolumeClaim: { claimName: claim.name } }],
        },
      });
  }
}
