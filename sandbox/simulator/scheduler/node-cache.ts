import type { Node, Pod } from "../api/generated/kubernetes";
import type { Stored } from "../api/object";
import { NodeInfo, NodeLoad } from "./node-info";

/** Which pods are on which node: those the watch has shown there, and those just sent there. */
export class NodeCache {
  readonly #loads = new Map<string, NodeLoad>();
  /** The node of each pod, by UID. */
  readonly #places = new Map<string, string>();
  /** Made anew only when the node itself changes: what is on it is looked up. */
  readonly #infos = new WeakMap<Stored<Node>, NodeInfo>();

  /** The pod takes room on `node`, and on no other any more. */
  put(pod: Stored<Pod>, node: string): void {
    const { uid } = pod.metadata;
    const before = this.#places.get(uid);
    if (before !== undefined && before !== node) this.#loads.get(before)?.remove(uid);
    this.#places.set(uid, node);
    this.#loadOf(node).add(pod);
  }

  remove(uid: string): void {
    const node = this.#places.get(uid);
    if (node === undefined) return;
    this.#places.delete(uid);
    this.#loads.get(node)?.remove(uid);
  }

  infoOf(node: Stored<Node>): NodeInfo {
    let info = this.#infos.get(node);
    if (!info) this.#infos.set(node, (info = new NodeInfo(node, this.#loadOf(node.metadata.name))));
    return info;
  }

  #loadOf(node: string): NodeLoad {
    let load = this.#loads.get(node);
    if (!load) this.#loads.set(node, (load = new NodeLoad()));
    return load;
  }
}
