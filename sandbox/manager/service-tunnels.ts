import type { Duplex } from "node:stream";
import type { ClusterDriver } from "../cluster/cluster";
import type { ServicePort } from "../protocol/cluster-host-api";
import { SandboxError } from "../protocol/codes";
import { acceptTunnel } from "../protocol/node/tunnel";
import { requireReady } from "./live-sandbox";
import { isActive } from "./sandbox-state";
import type { Sandboxes } from "./sandboxes";

/** A page and what it loads; more at once is no page. */
const MAX_PER_SANDBOX = 64;

/** Connections from a learner's browser to the Services of their cluster. */
export class ServiceTunnels {
  readonly #sandboxes: Pick<Sandboxes, "find" | "watch">;
  readonly #clusters: Pick<ClusterDriver, "dial">;
  /** By sandbox, those that are being made among them. */
  readonly #open = new Map<string, Set<Duplex>>();

  constructor(sandboxes: Pick<Sandboxes, "find" | "watch">, clusters: Pick<ClusterDriver, "dial">) {
    this.#sandboxes = sandboxes;
    this.#clusters = clusters;
  }

  /**
   * Makes `socket` a tunnel to that port, for the sandbox's own user only.
   * @throws SandboxError before the tunnel is open; whoever called answers with it
   */
  async open(
    wanted: { sandboxId: string; userId: string | undefined; target: ServicePort },
    socket: Duplex,
    head: Buffer,
  ): Promise<void> {
    const { sandboxId, userId, target } = wanted;
    const record = this.#sandboxes.find(sandboxId);
    // Another user's sandbox is not there.
    if (!record || record.userId !== userId) throw new SandboxError("sandbox-not-found");
    if (!isActive(record.state)) throw new SandboxError("sandbox-stopped", record.state.phase);
    requireReady(record);
    const gone = this.#hold(sandboxId, socket);
    const upstream = await this.#clusters.dial(sandboxId, target, gone);
    if (gone.aborted) return void upstream.destroy();
    acceptTunnel(socket);
    if (head.length > 0) upstream.write(head);
    join(socket, upstream);
    // What ran in the cluster does not hang up when it is taken down.
    const unwatch = this.#sandboxes.watch(sandboxId, (event) => {
      if (event.type === "sandbox" && !isActive(event.sandbox.state)) socket.destroy();
    });
    socket.once("close", unwatch);
  }

  close(): void {
    for (const sockets of this.#open.values()) for (const socket of sockets) socket.destroy();
  }

  /** Counts the socket until it is closed; aborts then. */
  #hold(sandboxId: string, socket: Duplex): AbortSignal {
    const sockets = this.#open.get(sandboxId) ?? new Set();
    if (sockets.size >= MAX_PER_SANDBOX) throw new SandboxError("too-many-connections");
    const gone = new AbortController();
    this.#open.set(sandboxId, sockets.add(socket));
    socket.once("close", () => {
      gone.abort();
      sockets.delete(socket);
      if (sockets.size === 0 && this.#open.get(sandboxId) === sockets) this.#open.delete(sandboxId);
    });
    return gone.signal;
  }
}

/** Each direction ends by itself; a broken one takes the other with it. */
function join(one: Duplex, other: Duplex): void {
  one.pipe(other);
  other.pipe(one);
  for (const [socket, peer] of [
    [one, other],
    [other, one],
  ] as const) {
    socket.on("error", () => peer.destroy());
    socket.once("close", () => {
      // Ended in order, its last bytes are still on their way to the peer.
      if (!socket.readableEnded) peer.destroy();
      else peer.end();
    });
  }
}
