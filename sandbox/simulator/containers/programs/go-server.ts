import { type HttpReply, type HttpRequest, serveHttp } from "../http/server";
import { httpDate } from "../http/dates";
import { AddressInUseError } from "../../network/network";
import type { Process } from "../processes/process";
import { Interrupted } from "../processes/program";

/** What small web servers have in common: those written in Go, and our own. */

export type Answer = (request: HttpRequest, url: URL) => HttpReply | Promise<HttpReply>;

/** Serves until SIGTERM or SIGINT. Undefined when the port could be had, else what Go says of it. */
export function listenAndServe(process: Process, port: number, answer: Answer): string | undefined {
  try {
    serveHttp(process, port, (request) => answer(request, urlOf(request)), textReply(process, "400 Bad Request", 400));
    return undefined;
  } catch (error) {
    if (!(error instanceof AddressInUseError)) throw error;
    return `listen tcp :${port}: bind: address already in use`;
  }
}

/** Resolves with the signal that ends the process in an orderly way. */
export async function untilStopped(process: Process): Promise<"TERM" | "INT"> {
  const asked: { stop?: "TERM" | "INT" } = {};
  for (const signal of ["TERM", "INT"] as const) process.handle(signal, () => void (asked.stop = signal));
  for (;;) {
    if (asked.stop !== undefined) return asked.stop;
    try {
      await process.until(new Promise<never>(() => {}));
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
    }
  }
}

const REASONS: Readonly<Record<number, string>> = {
  200: "OK",
  201: "Created",
  400: "Bad Request",
  404: "Not Found",
  500: "Internal Server Error",
  503: "Service Unavailable",
};

/** A plain answer as Go's net/http writes it. */
export function textReply(
  process: Process,
  text: string,
  status = 200,
  headers: readonly (readonly [string, string])[] = [],
): HttpReply {
  const body = new TextEncoder().encode(text);
  return {
    status,
    reason: REASONS[status] ?? "Status",
    headers: [
      ...headers,
      ["Date", httpDate(process.clock.now())],
      ["Content-Length", String(body.byteLength)],
      ["Content-Type", "text/plain; charset=utf-8"],
    ],
    body,
  };
}

/** `2026/11/21 14:03:27`: what Go's log package puts before a line. */
export function goTime(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace("T", " ").replaceAll("-", "/");
}

/** `-name=value`, `--name value` and `-name` of a Go program. */
export function goFlag(args: readonly string[], ...names: readonly string[]): string | undefined {
  for (const [index, word] of args.entries()) {
    for (const name of names) {
      const match = new RegExp(`^--?${name}(?:=([^]*))?$`).exec(word);
      if (match) return match[1] ?? args[index + 1] ?? "";
    }
  }
  return undefined;
}

function urlOf(request: HttpRequest): URL {
  try {
    return new URL(request.target, "http://localhost");
  } catch {
    // A target that is no URL, such as `*`, has no path of its own.
    return new URL("http://localhost/");
  }
}
