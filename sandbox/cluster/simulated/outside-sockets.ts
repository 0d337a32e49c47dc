import { chmodSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import type { OpenPort, Outside } from "../../simulator/network/outside";
import { splice } from "../host/splice-connection";

/** As many pairs of address and port as a workstation listens for. */
const MAX_PORTS = 64;
const DIAL_TIMEOUT_MS = 60_000;
const CONTROL = "ports";

/**
 * The ports that a cluster shows outside, for the workstation beside it: a socket `<address>-<port>` for each, and one
 * called `ports` that tells which there are: `+ 172.18.0.3 30080` or `- 172.18.0.3 30080` a line, all of them first and
 * then each change. A socket is there before it is announced.
 */
export class OutsideSockets {
  readonly #directory: string;
  readonly #outside: Outside;
  readonly #onError: (error: unknown) => void;
  readonly #servers = new Map<string, { port: OpenPort; server: Server }>();
  readonly #listeners = new Set<Socket>();
  readonly #connections = new Set<Socket>();
  readonly #control: Server;
  readonly #unsubscribe: () => void;

  constructor(directory: string, outside: Outside, onError: (error: unknown) => void) {
    this.#directory = directory;
    this.#outside = outside;
    this.#onError = onError;
    this.#control = this.#listen(CONTROL, (socket) => this.#tell(socket));
    this.#unsubscribe = outside.onChange(() => this.#refresh());
    this.#refresh();
  }

  close(): void {
    this.#unsubscribe();
    this.#control.close();
    rmSync(join(this.#directory, CONTROL), { force: true });
    for (const socket of [...this.#listeners, ...this.#connections]) socket.destroy();
    for (const key of [...this.#servers.keys()]) this.#closePort(key);
  }

  #tell(socket: Socket): void {
    this.#listeners.add(socket);
    socket.once("close", () => this.#listeners.delete(socket));
    for (const { port } of this.#servers.values()) socket.write(line("+", port));
  }

  #refresh(): void {
    const wanted = new Map<string, OpenPort>(
      this.#outside
        .openPorts()
        .slice(0, MAX_PORTS)
        .map((port) => [`${port.address}-${port.port}`, port] as const),
    );
    for (const [key, { port }] of this.#servers) {
      if (wanted.has(key)) continue;
      this.#closePort(key);
      this.#announce(line("-", port));
    }
    for (const [key, port] of wanted) {
      if (this.#servers.has(key)) continue;
      const server = this.#listen(
        key,
        (socket) => void this.#pass(socket, port),
        () => this.#announce(line("+", port)),
      );
      this.#servers.set(key, { port, server });
    }
  }

  #announce(text: string): void {
    for (const socket of this.#listeners) socket.write(text);
  }

  #closePort(key: string): void {
    this.#servers.get(key)?.server.close();
    this.#servers.delete(key);
    rmSync(join(this.#directory, key), { force: true });
  }

  #listen(name: string, accept: (socket: Socket) => void, ready: () => void = () => undefined): Server {
    const path = join(this.#directory, name);
    // One that a process left behind when it was killed.
    rmSync(path, { force: true });
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      socket.on("error", () => socket.destroy());
      accept(socket);
    });
    server.on("error", this.#onError);
    server.listen(path, () => {
      // The folder it lies in decides who gets there.
      chmodSync(path, 0o666);
      ready();
    });
    return server;
  }

  async #pass(socket: Socket, { address, port }: OpenPort): Promise<void> {
    this.#connections.add(socket);
    const gone = new AbortController();
    socket.once("close", () => {
      this.#connections.delete(socket);
      gone.abort();
    });
    try {
      const limits = { timeoutMs: DIAL_TIMEOUT_MS, signal: gone.signal };
      splice(socket, await this.#outside.dial({ address, port }, limits));
    } catch {
      // Refused, lost or given up: the one who called sees the end of it.
      socket.destroy();
    }
  }
}

function line(sign: "+" | "-", { address, port }: OpenPort): string {
  return `${sign} ${address} ${port}\n`;
}
