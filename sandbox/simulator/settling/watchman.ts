import type { Pod, PodDisruptionBudget } from "../api/generated/kubernetes";
import { matchesLabels, selectorFrom } from "../api/labels";
import type { Stored } from "../api/object";
import type { Change } from "../apiserver/storage";
import type { Cluster } from "../cluster";
import { isPodReady, isPodTerminal, podCondition } from "../controllers/pod-state";

/** Sees every write of the store as it is made, and remembers what must never have been. */
export class Watchman {
  readonly #cluster: Cluster;
  readonly #pods = new Map<string, Stored<Pod>>();
  readonly #budgets = new Map<string, Stored<PodDisruptionBudget>>();
  readonly #complaints = new Set<string>();
  readonly #writes = new Map<string, number>();
  readonly #end: () => void;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    for (const [collection, objects] of cluster.snapshot().collections) {
      for (const [key, object] of objects) this.#remember(collection, key, object);
    }
    this.#end = cluster.follow((change) => this.#look(change));
  }

  stop(): void {
    this.#end();
  }

  /** Throws with what has been seen. */
  report(): void {
    if (this.#complaints.size > 0) throw new Error([...this.#complaints].join("\n"));
  }

  /** Writes since the last call, by collection; events are not counted. */
  takeWrites(): ReadonlyMap<string, number> {
    const writes = new Map(this.#writes);
    this.#writes.clear();
    return writes;
  }

  #look({ collection, key, type, object }: Change): void {
    if (collection !== EVENTS) this.#writes.set(collection, (this.#writes.get(collection) ?? 0) + 1);
    const before = this.#pods.get(key);
    if (type === "DELETED") this.#forget(collection, key);
    else this.#remember(collection, key, object);
    if (!isPod(collection, object)) return;
    if (object.metadata.deletionTimestamp && before && !before.metadata.deletionTimestamp) this.#judgeEviction(before);
    this.#judgeAddresses(object);
    this.#judgeNodes();
  }

  #remember(collection: string, key: string, object: Stored): void {
    if (isPod(collection, object)) this.#pods.set(key, object);
    if (isBudget(collection, object)) this.#budgets.set(key, object);
  }

  #forget(collection: string, key: string): void {
    if (collection === "/pods") this.#pods.delete(key);
    if (collection === "policy/poddisruptionbudgets") this.#budgets.delete(key);
  }

  /** An eviction that is granted leaves as many healthy pods as each budget wants; a deletion asks nobody. */
  #judgeEviction(pod: Stored<Pod>): void {
    if (podCondition(pod, "DisruptionTarget")?.reason !== "EvictionByEvictionAPI" || !isPodReady(pod)) return;
    for (const { metadata, spec } of this.#budgets.values()) {
      const selector = selectorFrom(spec?.selector) ?? [];
      const isTheirs = ({ metadata: { namespace, labels } }: Stored<Pod>) =>
        namespace === metadata.namespace && matchesLabels(selector, labels);
      if (!isTheirs(pod)) continue;
      const left = [...this.#pods.values()].filter(
        (each) => isTheirs(each) && isPodReady(each) && !each.metadata.deletionTimestamp,
      );
      if (left.length >= Number(spec?.minAvailable ?? 0)) continue;
      this.#complain(`the eviction of ${pod.metadata.name} was granted, and leaves ${left.length} healthy pods`);
    }
  }

  #judgeAddresses({ metadata, spec, status }: Stored<Pod>): void {
    if (!status?.podIP || spec?.hostNetwork) return;
    for (const other of this.#pods.values()) {
      if (other.metadata.uid === metadata.uid || other.status?.podIP !== status.podIP) continue;
      if (other.spec?.hostNetwork || isPodTerminal(other) || !this.#pods.has(keyOf(metadata))) continue;
      if (!isPodTerminal({ status }) && !isStopped(other) && !isStopped({ status }))
        this.#complain(`${other.metadata.name} and ${metadata.name} have the address ${status.podIP}`);
    }
  }

  /** On the nodes, whatever the API says: one sandbox of a name, one of an address. */
  #judgeNodes(): void {
    const names = new Map<string, string>();
    const addresses = new Set<string>();
    for (const { node, namespace, name, uid, address, stopped } of this.#cluster.sandboxes()) {
      if (stopped) continue;
      if (address && addresses.has(address)) this.#complain(`two sandboxes have the address ${address}`);
      if (address) addresses.add(address);
      const place = `${uid} on ${node}`;
      const other = names.get(`${namespace}/${name}`);
      if (other && /^statefulset-/.test(name)) this.#complain(`${name} runs twice: as ${other} and as ${place}`);
      names.set(`${namespace}/${name}`, place);
    }
  }

  #complain(about: string): void {
    this.#complaints.add(about);
  }
}

const EVENTS = "/events";

function isPod(collection: string, object: Stored): object is Stored<Pod> {
  return collection === "/pods" && object.metadata.name !== "";
}

function isBudget(collection: string, object: Stored): object is Stored<PodDisruptionBudget> {
  return collection === "policy/poddisruptionbudgets" && object.metadata.name !== "";
}

function keyOf({ namespace = "", name }: { namespace?: string; name: string }): string {
  return `${namespace}/${name}`;
}

/** None of its containers runs any more: its address is free, though its status still names it. */
function isStopped({ status }: Pod): boolean {
  return (status?.containerStatuses ?? []).every(({ state }) => state?.terminated);
}
