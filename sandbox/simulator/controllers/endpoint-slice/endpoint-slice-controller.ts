import type { EndpointSlice, Service } from "../../api/generated/kubernetes";
import { equalJson } from "../../api/json";
import { keyOf, splitKey, type Stored } from "../../api/object";
import { controllerReference } from "../../api/owner-references";
import { isConflict, isNamespaceTerminating, isNotFound } from "../../api/status";
import { Controller } from "../../client/controller";
import { ENDPOINT_SLICES } from "../../client/resources";
import type { ControllerContext, Runnable } from "../context";
import { desiredGroups } from "./desired";
import { enqueueServices, isHeadless, selectedPods, selectsPods } from "./service-pods";
import { diffSlices, type SliceContent } from "./slice-diff";
import { LAST_CHANGE_TRIGGER_TIME, TriggerTimes } from "./trigger-time";
import { WrittenVersions } from "./written-versions";

const SERVICE_NAME = "kubernetes.io/service-name";
const MANAGED_BY = "endpointslice.kubernetes.io/managed-by";
const OURS = "endpointslice-controller.k8s.io";
const HEADLESS = "service.kubernetes.io/headless";
const SERVICE_INDEX = "own slices of service";

/** Keeps the EndpointSlices of each Service equal to the pods it selects. */
export class EndpointSliceController implements Runnable {
  readonly #context: ControllerContext;
  readonly #controller: Controller;
  readonly #triggerTimes = new TriggerTimes();
  readonly #written = new WrittenVersions();

  constructor(context: ControllerContext) {
    this.#context = context;
    const { informers, clock, onError } = context;
    this.#controller = new Controller({
      name: "endpointslice",
      clock,
      sync: (key) => this.#sync(key),
      informers: [informers.services, informers.pods, informers.endpointSlices],
      workers: 5,
      onError,
    });
    const { queue } = this.#controller;
    enqueueServices(queue, informers.services, informers.pods);
    informers.endpointSlices.addIndex(SERVICE_INDEX, (slice) => [serviceKeyOf(slice) ?? ""]);
    const changed = (slice: Stored<EndpointSlice>) => {
      const key = serviceKeyOf(slice);
      if (key === undefined) return;
      this.#written.observed(key, slice);
      queue.add(key);
    };
    informers.endpointSlices.addHandler({
      added: changed,
      updated: (_, slice) => changed(slice),
      deleted: (slice) => {
        const key = serviceKeyOf(slice);
        if (key === undefined) return;
        this.#written.gone(key, slice.metadata.name);
        queue.add(key);
      },
    });
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
    const { informers } = this.#context;
    const { namespace, name } = splitKey(key);
    const service = informers.services.get(namespace, name);
    if (!service || service.metadata.deletionTimestamp) {
      // The garbage collector takes the slices along with their Service.
      this.#triggerTimes.forget(key);
      this.#written.forget(key);
      return;
    }
    // What this controller wrote must be in the cache before it decides anew; the event brings another sync.
    if (!selectsPods(service) || this.#written.isAhead(key)) return;
    try {
      await this.#reconcile(key, service);
    } catch (error) {
      if (isNamespaceTerminating(error)) return;
      if (!isConflict(error) && !isNotFound(error)) throw error;
      this.#controller.queue.addRateLimited(key);
    }
  }

  async #reconcile(key: string, service: Stored<Service>): Promise<void> {
    const { informers, client } = this.#context;
    const slices = informers.endpointSlices
      .byIndex(SERVICE_INDEX, key)
      .filter((slice) => !slice.metadata.deletionTimestamp);
    const pods = selectedPods(service, informers.pods);
    const diff = diffSlices(slices, desiredGroups(service, pods));
    const trigger = this.#triggerTimes.take(service, pods);
    for (const content of diff.create) {
      const created = await client.create(ENDPOINT_SLICES, newSlice(service, content, trigger));
      this.#written.wrote(key, created, this.#cached(created));
    }
    const updated = new Set<Stored<EndpointSlice>>();
    for (const { slice, content } of diff.update) {
      updated.add(slice);
      await this.#update(key, slice, { ...slice, ...content, metadata: metadataOf(service, slice, trigger) });
    }
    for (const slice of diff.delete) {
      updated.add(slice);
      await client.delete(ENDPOINT_SLICES, { namespace: slice.metadata.namespace ?? "", name: slice.metadata.name });
      this.#written.removed(key, slice.metadata.name, this.#cached(slice));
    }
    for (const slice of slices.filter((each) => !updated.has(each))) {
      const metadata = metadataOf(service, slice, undefined);
      if (!equalJson(metadata.labels, slice.metadata.labels)) await this.#update(key, slice, { ...slice, metadata });
    }
  }

  async #update(key: string, before: Stored<EndpointSlice>, after: EndpointSlice): Promise<void> {
    if (equalJson(before, after)) return;
    const updated = await this.#context.client.update(ENDPOINT_SLICES, after);
    this.#written.wrote(key, updated, this.#cached(updated));
  }

  #cached({ metadata }: Stored<EndpointSlice>): Stored<EndpointSlice> | undefined {
    return this.#context.informers.endpointSlices.get(metadata.namespace ?? "", metadata.name);
  }
}

/** The Service a slice of ours belongs to. */
function serviceKeyOf(slice: EndpointSlice): string | undefined {
  const labels = slice.metadata?.labels ?? {};
  const name = labels[SERVICE_NAME];
  if (labels[MANAGED_BY] !== OURS || name === undefined) return undefined;
  return keyOf({ metadata: { namespace: slice.metadata?.namespace, name } });
}

function newSlice(service: Stored<Service>, content: SliceContent, trigger: string | undefined): EndpointSlice {
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: {
      generateName: `${service.metadata.name}-`,
      namespace: service.metadata.namespace,
      labels: labelsFor(service),
      ...(trigger !== undefined && { annotations: { [LAST_CHANGE_TRIGGER_TIME]: trigger } }),
      ownerReferences: [controllerReference(service)],
    },
    addressType: "IPv4",
    ports: content.ports,
    endpoints: content.endpoints ?? [],
  };
}

function metadataOf(service: Stored<Service>, slice: Stored<EndpointSlice>, trigger: string | undefined) {
  const annotations = {
    ...slice.metadata.annotations,
    ...(trigger !== undefined && { [LAST_CHANGE_TRIGGER_TIME]: trigger }),
  };
  const hasAnnotations = Object.keys(annotations).length > 0;
  return { ...slice.metadata, labels: labelsFor(service), annotations: hasAnnotations ? annotations : undefined };
}

/** A slice carries its Service's labels, as far as they are not for slices themselves. */
function labelsFor(service: Stored<Service>): Record<string, string> {
  const labels: Record<string, string> = {};
  for (const [key, value] of Object.entries(service.metadata.labels ?? {})) {
    if (key !== SERVICE_NAME && key !== MANAGED_BY && key !== HEADLESS) labels[key] = value;
  }
  if (isHeadless(service)) labels[HEADLESS] = "";
  return { ...labels, [SERVICE_NAME]: service.metadata.name, [MANAGED_BY]: OURS };
}
