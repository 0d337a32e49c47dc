import type { Endpoints, EndpointSlice } from "../../api/generated/kubernetes";
import { keyOf, splitKey, type Stored } from "../../api/object";
import { controllerReference } from "../../api/owner-references";
import { isAlreadyExists, isConflict, isNotFound } from "../../api/status";
import { Controller } from "../../client/controller";
import { ENDPOINT_SLICES } from "../../client/resources";
import type { ControllerContext, Runnable } from "../context";
import { diffSlices, type SliceContent } from "../endpoint-slice/slice-diff";
import { mirroredGroups } from "./mirrored-groups";

const MANAGER = "endpointslicemirroring-controller.k8s.io";
const MANAGED_BY = "endpointslice.kubernetes.io/managed-by";
const SERVICE_NAME = "kubernetes.io/service-name";
const SKIP = "endpointslice.kubernetes.io/skip-mirror";
const LEADER = "control-plane.alpha.kubernetes.io/leader";

/**
 * Keeps slices for Endpoints that somebody wrote by hand, for Services without a selector.
 * https://kubernetes.io/docs/concepts/services-networking/service/#endpointslice-mirroring
 */
export class EndpointSliceMirroringController implements Runnable {
  readonly #context: ControllerContext;
  readonly #controller: Controller;

  constructor(context: ControllerContext) {
    this.#context = context;
    const { informers, clock, onError } = context;
    this.#controller = new Controller({
      name: "endpointslice-mirroring",
      clock,
      sync: (key) => this.#sync(key),
      informers: [informers.endpoints, informers.services, informers.endpointSlices],
      onError,
    });
    const { queue } = this.#controller;
    informers.endpoints.addHandler({
      added: (endpoints) => queue.add(keyOf(endpoints)),
      updated: (_, endpoints) => queue.add(keyOf(endpoints)),
      deleted: (endpoints) => queue.add(keyOf(endpoints)),
    });
    informers.services.addHandler({
      added: (service) => queue.add(keyOf(service)),
      updated: (_, service) => queue.add(keyOf(service)),
      deleted: (service) => queue.add(keyOf(service)),
    });
    const sliceChanged = (slice: Stored<EndpointSlice>) => {
      const name = slice.metadata.labels?.[SERVICE_NAME];
      if (isMirror(slice) && name !== undefined) queue.add(`${slice.metadata.namespace ?? ""}/${name}`);
    };
    informers.endpointSlices.addHandler({ updated: (_, slice) => sliceChanged(slice), deleted: sliceChanged });
  }

  start(): void {
    this.#controller.start();
  }

  stop(): Promise<void> {
    return this.#controller.stop();
  }

  get idle(): boolean {
    return this.#controller.idle;
  }

  async #sync(key: string): Promise<void> {
    const { informers, client } = this.#context;
    const { namespace, name } = splitKey(key);
    const endpoints = informers.endpoints.get(namespace, name);
    const slices = informers.endpointSlices
      .list(namespace)
      .filter((slice) => isMirror(slice) && slice.metadata.labels?.[SERVICE_NAME] === name);
    const isWanted = endpoints !== undefined && this.#mirrors(endpoints);
    if (!isWanted && slices.length === 0) return;
    try {
      if (!isWanted) {
        for (const slice of slices) await this.#remove(slice);
        return;
      }
      const groups = mirroredGroups(endpoints);
      const diff = diffSlices(slices, groups);
      for (const { slice, content } of diff.update) await client.update(ENDPOINT_SLICES, { ...slice, ...content });
      for (const content of diff.create) {
        if (groups.length > 0) await client.create(ENDPOINT_SLICES, newSlice(endpoints, content));
      }
      for (const slice of diff.delete) await this.#remove(slice);
    } catch (error) {
      if (isConflict(error) || isAlreadyExists(error)) this.#controller.queue.addRateLimited(key);
      else if (!isNotFound(error)) throw error;
    }
  }

  #mirrors({ metadata }: Stored<Endpoints>): boolean {
    if (metadata.deletionTimestamp || metadata.labels?.[SKIP] === "true") return false;
    if (metadata.annotations?.[LEADER] !== undefined) return false;
    const service = this.#context.informers.services.get(metadata.namespace ?? "", metadata.name);
    return service !== undefined && Object.keys(service.spec?.selector ?? {}).length === 0;
  }

  async #remove({ metadata }: Stored<EndpointSlice>): Promise<void> {
    try {
      await this.#context.client.delete(ENDPOINT_SLICES, { namespace: metadata.namespace ?? "", name: metadata.name });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}

function isMirror({ metadata }: Stored<EndpointSlice>): boolean {
  return metadata.labels?.[MANAGED_BY] === MANAGER;
}

function newSlice(endpoints: Stored<Endpoints>, content: SliceContent): EndpointSlice {
  const { name, namespace, labels, annotations } = endpoints.metadata;
  const kept = Object.entries(annotations ?? {}).filter(
    ([key]) => key !== "kubectl.kubernetes.io/last-applied-configuration",
  );
  const first = content.endpoints?.[0]?.addresses[0] ?? "";
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: {
      generateName: `${name}-`,
      namespace,
      labels: { ...labels, [SERVICE_NAME]: name, [MANAGED_BY]: MANAGER },
      ...(kept.length > 0 && { annotations: Object.fromEntries(kept) }),
      ownerReferences: [controllerReference(endpoints)],
    },
    addressType: first.includes(":") ? "IPv6" : "IPv4",
    ...content,
    endpoints: content.endpoints ?? [],
  };
}
