import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { createClusterPki } from "@/sandbox/simulator/serve/pki";
import type { TlsAccess } from "./tls-client";

/**
 * The alternative that the API server is measured beside: Node's https server with the same certificates, and no more
 * than a handler must do to hold objects. POST parses the body, keeps the object under its name, answers with it and
 * tells every watcher; GET /watch stays open; any other GET writes a kept object, or all of them, anew as JSON.
 */
export async function startPlainServer(): Promise<TlsAccess> {
  const pki = createClusterPki(performance.timeOrigin);
  const objects = new Map<string, unknown>();
  const watchers = new Set<(line: string) => void>();
  const tls = { ...pki.serving, ca: pki.ca.cert, requestCert: true, rejectUnauthorized: true };
  const server = createServer(tls, (message, response) => {
    response.setHeader("content-type", "application/json");
    if (message.url === "/watch") {
      response.flushHeaders();
      watchers.add((line) => void response.write(line));
      return;
    }
    if (message.method !== "POST") {
      const name = message.url?.slice(1) ?? "";
      response.end(JSON.stringify(name === "" ? [...objects.values()] : objects.get(name)));
      return;
    }
    const chunks: Buffer[] = [];
    message.on("data", (chunk: Buffer) => chunks.push(chunk));
    message.on("end", () => {
      const object = JSON.parse(Buffer.concat(chunks).toString("utf8")) as { metadata: { name: string } };
      objects.set(object.metadata.name, object);
      const text = JSON.stringify(object);
      response.statusCode = 201;
      response.end(text);
      for (const tell of watchers) tell(`${text}\n`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `https://127.0.0.1:${port}`, ca: pki.ca.cert, ...pki.admin };
}
