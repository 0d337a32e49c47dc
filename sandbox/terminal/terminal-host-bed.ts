import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { WebSocket } from "ws";
import { decodeHostFrame, encodeClientFrame, type ClientFrame, type HostFrame } from "../protocol/terminal-frames";

/** A shell whose prompt tests wait for. */
export const BASH = {
  argv: ["/bin/bash", "--norc", "--noprofile", "-i"],
  env: { PATH: "/usr/bin:/bin", TERM: "xterm-256color", PS1: "ready> " },
  cwd: "/tmp",
  columns: 80,
  rows: 24,
};

/** For tests: the terminal-host as it runs in production, a bundled process behind its socket. */
export class TerminalHostBed {
  readonly stateDir = mkdtempSync(join(tmpdir(), "slipway-th-"));
  readonly socketPath = join(this.stateDir, "terminal-host.sock");
  readonly #script: string;
  #child: ChildProcess | undefined;

  constructor(script: string) {
    this.#script = script;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** The environment holds a secret that must not be seen by any terminal. */
  async start(): Promise<void> {
    const child = spawn(process.execPath, [this.#script], {
      env: {
        ...process.env,
        SLIPWAY_STATE_DIR: this.stateDir,
        SLIPWAY_INSTANCE: "test-one",
        SECRET_FOR_TEST: "canary",
      },
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.#child = child;
    for await (const line of child.stdout) if (String(line).includes("listening")) return;
    throw new Error("the terminal-host did not come up");
  }

  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<number | null> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return null;
    const gone = once(child, "exit");
    child.kill(signal);
    await gone;
    return child.exitCode;
  }

  async clean(): Promise<void> {
    await this.stop("SIGKILL");
    await rm(this.stateDir, { recursive: true, force: true });
  }

  async call(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }> {
    return new Promise((resolve, reject) => {
      const call = request({ socketPath: this.socketPath, method, path }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () => {
          const text = Buffer.concat(chunks).toString();
          resolve({ status: response.statusCode ?? 0, body: text === "" ? undefined : JSON.parse(text) });
        });
      });
      call.on("error", reject);
      call.end(typeof body === "string" ? body : body === undefined ? undefined : JSON.stringify(body));
    });
  }

  attach(id: string, from?: number, drawing = true): TestViewer {
    const query = from === undefined ? "" : `?from=${from}`;
    return new TestViewer(`ws+unix://${this.socketPath}:/v1/terminals/${id}/attach${query}`, drawing);
  }
}

/** A viewer that acknowledges what it gets, unless it was told not to draw. */
export class TestViewer {
  readonly socket: WebSocket;
  readonly frames: HostFrame[] = [];
  closeCode: number | undefined;
  stream = Buffer.alloc(0);
  received = 0;
  /** The offset it has everything up to. */
  seq = 0;
  #changed: () => void = () => undefined;

  constructor(address: string, drawing: boolean) {
    this.socket = new WebSocket(address, "slipway.v1", { perMessageDeflate: false });
    this.socket.binaryType = "nodebuffer";
    this.socket.on("message", (data: Buffer) => {
      const decoded = decodeHostFrame(data);
      if (!decoded.ok) throw new Error(decoded.code);
      const { frame } = decoded;
      if (frame.type === "replay") this.seq = frame.from;
      if (frame.type === "output") {
        this.received += frame.bytes.length;
        this.seq = frame.seq + frame.bytes.length;
        this.stream = Buffer.concat([this.stream, frame.bytes]).subarray(-1_000_000);
        if (drawing) this.send({ type: "ack", seq: this.seq });
      } else {
        this.frames.push(frame);
      }
      this.#changed();
    });
    this.socket.on("close", (code) => {
      this.closeCode = code;
      this.#changed();
    });
    this.socket.on("error", () => undefined);
  }

  get text(): string {
    return this.stream.toString();
  }

  send(frame: ClientFrame): void {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(encodeClientFrame(frame));
  }

  type(text: string): void {
    this.send({ type: "input", bytes: Buffer.from(text) });
  }

  /** Waits for what is to be seen, however it comes in parts. */
  async until(condition: (viewer: this) => boolean, what: string, timeoutMs = 10_000): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    while (!condition(this)) {
      const left = deadline - Date.now();
      if (left <= 0) throw new Error(`never seen: ${what}; the last seen: ${JSON.stringify(this.text.slice(-500))}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#changed = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  async sees(text: string): Promise<void> {
    await this.until(() => this.text.includes(text), text);
  }

  async closed(): Promise<number> {
    await this.until(() => this.closeCode !== undefined, "the socket's close");
    return this.closeCode ?? 0;
  }
}

/** Beside the project's packages, where node-pty is found. */
export async function bundleTerminalHost(): Promise<string> {
  const outfile = join(process.cwd(), "node_modules/.cache/slipway-test", `terminal-host-${process.pid}.mjs`);
  await build({
    entryPoints: [join(import.meta.dirname, "main.ts")],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    packages: "external",
    logLevel: "error",
  });
  return outfile;
}
