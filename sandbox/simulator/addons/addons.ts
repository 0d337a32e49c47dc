import { isAlreadyExists } from "../api/status";
import type { Client } from "../client/client";
import type { Addon } from "./addon";
import { ingressNginx } from "./ingress-nginx/ingress-nginx";
import { loadBalancer } from "./load-balancer/load-balancer";
import { localPath } from "./local-path/local-path";
import { metricsServer } from "./metrics-server/metrics-server";

/** Every add-on by the name under which lessons and `slipway sim --addon` switch it on. */
const ADDONS = {
  "ingress-nginx": ingressNginx,
  "load-balancer": loadBalancer,
  "local-path": localPath,
  "metrics-server": metricsServer,
} satisfies Readonly<Record<string, Addon>>;

export type AddonName = keyof typeof ADDONS;

export const ADDON_NAMES: readonly AddonName[] = Object.keys(ADDONS).filter(isAddonName);

export function isAddonName(name: string): name is AddonName {
  return Object.hasOwn(ADDONS, name);
}

/** Each of them once. */
export function addonsNamed(names: readonly AddonName[]): Addon[] {
  return [...new Set(names)].map((name) => ADDONS[name]);
}

/** Creates what the add-on consists of. Idempotent. */
export async function installAddon({ objects }: Addon, client: Client): Promise<void> {
  for (const { resource, object } of objects) {
    try {
      await client.create(resource, object);
    } catch (error) {
      if (!isAlreadyExists(error)) throw new Error(`${resource.name} ${object.metadata?.name ?? ""}`, { cause: error });
    }
  }
}
