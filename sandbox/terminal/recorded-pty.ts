import type { Pty } from "./pty";

/** For tests: a terminal whose output is made by hand and whose input is kept. */
export class RecordedPty implements Pty {
  readonly pid = 1;
  readonly written: string[] = [];
  readonly sizes: string[] = [];
  readonly signals: string[] = [];
  paused = false;
  unreadInput = 0;
  #data: (bytes: Uint8Array) => void = () => undefined;
  #exit: (code: number) => void = () => undefined;

  print(text: string | Uint8Array): void {
    this.#data(typeof text === "string" ? Buffer.from(text) : text);
  }

  endWith(code: number): void {
    this.#exit(code);
  }

  write(bytes: Uint8Array): void {
    this.written.push(Buffer.from(bytes).toString());
  }

  resize(columns: number, rows: number): void {
    this.sizes.push(`${columns}x${rows}`);
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
  }

  kill(signal: "SIGHUP" | "SIGKILL"): void {
    this.signals.push(signal);
  }

  onData(listener: (bytes: Uint8Array) => void): () => void {
    this.#data = listener;
    return () => undefined;
  }

  onExit(listener: (code: number) => void): () => void {
    this.#exit = listener;
    return () => undefined;
  }
}
