import { createServer, request, type Server } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";
import type { Duplex } from "node:stream";

/** A proxy between a browser and the site, that can be cut and mended: what is open breaks, what is new is refused. */
export class BreakableNetwork {
  readonly #server: Server;
  readonly #open = new Set<Duplex>();
  #isCut = false;

  private constructor() {
    this.#server = createServer((incoming, response) => {
      const url = new URL(incoming.url ?? "");
      const { method, headers } = incoming;
      const onward = request({ host: "127.0.0.1", port: url.port, path: url.pathname + url.search, method, headers });
      onward.on("response", (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
        answer.pipe(response);
      });
      onward.on("error", () => response.destroy());
      incoming.pipe(onward);
    });
    // WebSockets come as tunnels.
    this.#server.on("connect", (incoming, socket: Duplex) => {
      const onward = connect(Number(incoming.url?.split(":").at(-1)), "127.0.0.1", () => {
        socket.write("HTTP/1.1 200 OK\r\n\r\n");
        socket.pipe(onward).pipe(socket);
      });
      for (const [one, other] of [
        [socket, onward],
        [onward, socket],
      ] as const) {
        one.on("error", () => other.destroy()).on("close", () => other.destroy());
      }
    });
    this.#server.on("connection", (socket: Socket) => {
      if (this.#isCut) {
        socket.destroy();
        return;
      }
      this.#open.add(socket);
      socket.on("close", () => this.#open.delete(socket));
    });
  }

  static async open(): Promise<BreakableNetwork> {
    const network = new BreakableNetwork();
    await new Promise<void>((resolve) => network.#server.listen(0, "127.0.0.1", resolve));
    return network;
  }

  /** For a browser context; loopback goes this way too. */
  get proxy(): { server: string; bypass: string } {
    const { port } = this.#server.address() as AddressInfo;
    return { server: `http://127.0.0.1:${port}`, bypass: "<-loopback>" };
  }

  cut(): void {
    this.#isCut = true;
    for (const socket of this.#open) socket.destroy();
  }

  mend(): void {
    this.#isCut = false;
  }

  close(): void {
    this.cut();
    this.#server.close();
  }
}
