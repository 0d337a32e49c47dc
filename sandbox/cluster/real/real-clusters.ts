import type { ObjectSource } from "../../checks/object-source";
import type { ClusterCreate, ClusterSave } from "../../protocol/cluster-host-api";
import { SandboxError } from "../../protocol/codes";
import type { Clock } from "../../simulator/clock";
import { renderKubeconfig } from "../../simulator/serve/kubeconfig";
import { CertificateAuthority } from "../../simulator/serve/certificate-authority";
import { createClusterPki, type ClusterPki } from "../../simulator/serve/pki";
import type { ClusterListener, RunningCluster, StartCluster } from "../host/running-cluster";
import { objectSourceOf } from "../simulated/object-source";
import { createStartObjects } from "../simulated/start-objects";
import { digestsOf, replay, wantedObjects, type Digests } from "./cluster-objects";
import type { ClusterRecord, ClusterRecords } from "./cluster-records";
import { asDefaultNamespace } from "./namespaced-source";
import { movedTo, ObjectSaver, savedObjects, type SavedObjects } from "./object-save";
import type { Provider, RealCluster } from "./provider";
import { Relay } from "./relay";
import { dialService, servicesOf } from "./service-door";

export interface RealClustersOptions {
  readonly provider: Provider;
  readonly records: ClusterRecords;
  readonly clock: Clock;
  /** Faults that end nothing, and objects that a cluster refused when it was restored. */
  readonly onError: (error: unknown) => void;
}

/** Where the relay in a workstation answers. */
const RELAY_URL = "https://127.0.0.1:6443";

/** Real clusters behind relays: made, taken over after this process was replaced, or removed when nobody knows them. */
export class RealClusters {
  readonly #options: RealClustersOptions;

  constructor(options: RealClustersOptions) {
    this.#options = options;
  }

  /** Makes one. Resolves as soon as its relay listens. */
  readonly start: StartCluster = async (spec, listener) => {
    const { provider, records, clock } = this.#options;
    const lack = provider.lacks(spec);
    if (lack !== undefined) throw new SandboxError("lesson-needs-more", lack);
    const restored = spec.restore?.length ? savedObjects(spec.restore) : undefined;
    const namespace = await provider.namespaceFor(spec.sandboxId, restored?.namespace);
    const pki = createClusterPki(clock.now(), restored?.ca);
    const calledOff = new AbortController();
    const making = new Deferred<RealCluster>();
    const relay = await openRelay(spec, pki, making.promise, listener);
    const kubeconfig = kubeconfigOf(spec, pki, relay, namespace);
    const record: ClusterRecord = { spec: specOf(spec), kubeconfig, pki: textOf(pki), namespace };
    // Before anything is made, so that whoever comes after a crash knows what to look for.
    records.write(record);
    const options = { signal: calledOff.signal, onStep: listener.onStep };
    const target = provider.make(spec.sandboxId, namespace, options);
    making.follow(target);
    const ready = this.#fill(spec, record, target, restored && movedTo(namespace, restored), listener);
    return this.#running(record, relay, target, ready, () => calledOff.abort());
  };

  /**
   * Those that an earlier process left ready: each with what takes it over. Whatever else there is of this instance,
   * half made or forgotten, is removed.
   */
  async survivors(): Promise<{ spec: ClusterCreate; start: StartCluster }[]> {
    const { provider, records, onError } = this.#options;
    const present = new Set(await provider.list());
    const known = records.all();
    const alive = known.filter(({ spec, born }) => born !== undefined && present.has(spec.sandboxId));
    const kept = new Set(alive.map(({ spec }) => spec.sandboxId));
    for (const sandboxId of new Set([...present, ...known.map(({ spec }) => spec.sandboxId)])) {
      if (kept.has(sandboxId)) continue;
      await provider.remove(sandboxId).then(() => records.remove(sandboxId), onError);
    }
    return alive.map((record) => ({
      spec: { ...record.spec, startObjects: [] },
      start: (_spec, listener) => this.#takeOver(record, listener),
    }));
  }

  async #takeOver(record: ClusterRecord, listener: ClusterListener): Promise<RunningCluster> {
    const { provider } = this.#options;
    const { spec, namespace } = record;
    const target = provider.find(spec.sandboxId, namespace);
    target.catch(() => undefined); // told by `ready`
    const pki: ClusterPki = { ...record.pki, ca: new CertificateAuthority(record.pki.ca) };
    const relay = await openRelay(spec, pki, target, listener);
    const born: Digests = new Map(record.born);
    const ready = target.then((cluster) => ({ objects: this.#sourceOf(cluster, namespace), born }));
    return this.#running(record, relay, target, ready, () => undefined);
  }

  #running(
    record: ClusterRecord,
    relay: Relay,
    target: Promise<RealCluster>,
    ready: Promise<{ objects: ObjectSource; born: Digests }>,
    callOff: () => void,
  ): RunningCluster {
    const { provider, records } = this.#options;
    const { sandboxId } = record.spec;
    let saver: ObjectSaver | undefined;
    let ended: Promise<void> | undefined;
    const end = async (): Promise<void> => {
      callOff();
      await relay.close();
      await target.catch(() => undefined); // what it left is removed with the rest
      await provider.remove(sandboxId);
      records.remove(sandboxId);
      const cluster = await target.catch(() => undefined);
      cluster?.learner.close();
      cluster?.keeper.close();
    };
    ready.catch(() => undefined); // whoever asks is told
    return {
      kubeconfig: record.kubeconfig,
      ready: ready.then(({ objects }) => objects),
      save: async (since): Promise<ClusterSave | undefined> => {
        const [{ keeper }, { born }] = await Promise.all([target, ready]);
        saver ??= new ObjectSaver(born, record.pki.ca, record.namespace);
        return saver.take(await wantedObjects(keeper, record.namespace), since);
      },
      services: async () => servicesOf(await target, record.namespace),
      dial: async (wanted, signal) => dialService(await target, record.namespace, wanted, signal),
      stop: () => (ended ??= end()),
    };
  }

  async #fill(
    spec: ClusterCreate,
    record: ClusterRecord,
    target: Promise<RealCluster>,
    restored: SavedObjects | undefined,
    listener: ClusterListener,
  ): Promise<{ objects: ObjectSource; born: Digests }> {
    const { records, onError } = this.#options;
    const { namespace } = record;
    const cluster = await target;
    listener.onStep("objects");
    const born = digestsOf(await wantedObjects(cluster.keeper, namespace));
    if (restored) await replay(cluster.keeper, restored, onError);
    else await createStartObjects(cluster.keeper.client(), inNamespace(spec.startObjects, namespace));
    records.write({ ...record, born: [...born] });
    return { objects: this.#sourceOf(cluster, namespace), born };
  }

  #sourceOf({ keeper }: RealCluster, namespace: string | undefined): ObjectSource {
    const source = objectSourceOf(keeper.client(), this.#options.clock, namespace);
    return namespace === undefined ? source : asDefaultNamespace(source, namespace);
  }
}

/** A promise whose maker comes later. */
class Deferred<T> {
  readonly promise: Promise<T>;
  #resolve: (value: T | Promise<T>) => void = () => undefined;

  constructor() {
    this.promise = new Promise((resolve) => (this.#resolve = resolve));
    this.promise.catch(() => undefined); // whoever waits is told
  }

  follow(source: Promise<T>): void {
    this.#resolve(source);
  }
}

function openRelay(
  spec: Pick<ClusterCreate, "socketPath" | "loopback">,
  pki: ClusterPki,
  target: Promise<RealCluster>,
  { onWrite }: ClusterListener,
): Promise<Relay> {
  return Relay.open({ socketPath: spec.socketPath, loopback: spec.loopback, pki, target, onWrite });
}

function kubeconfigOf(
  spec: Pick<ClusterCreate, "loopback">,
  pki: ClusterPki,
  relay: Relay,
  namespace: string | undefined,
): string {
  const server = spec.loopback ? `https://127.0.0.1:${relay.port}` : RELAY_URL;
  return renderKubeconfig({ server, ca: pki.ca.cert, user: pki.admin, namespace });
}

/** Objects of the namespace that a lesson finds are those of the learner's own. */
function inNamespace(objects: ClusterCreate["startObjects"], namespace: string | undefined) {
  if (namespace === undefined) return objects;
  return objects.map((object) => ({ ...object, metadata: { ...(object["metadata"] ?? {}), namespace } }));
}

function specOf({ restore: _restore, startObjects: _start, ...spec }: ClusterCreate): ClusterRecord["spec"] {
  return spec;
}

function textOf({ ca, serving, admin }: ClusterPki): ClusterRecord["pki"] {
  return { ca: { cert: ca.cert, key: ca.key }, serving, admin };
}
