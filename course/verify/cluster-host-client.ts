import { request } from "node:http";
import { createInterface } from "node:readline";
import {
  clusterEventSchema,
  clusterMadeSchema,
  type ClusterCreate,
  type ClusterEvent,
  type ClusterMade,
} from "@/sandbox/protocol/cluster-host-api";

/** The part of a cluster-host's API that verifying a lesson needs. Rejects with what the host said. */
export class ClusterHostClient {
  readonly #socketPath: string;

  constructor(socketPath: string) {
    this.#socketPath = socketPath;
  }

  async create(body: ClusterCreate): Promise<ClusterMade> {
    return clusterMadeSchema.parse(JSON.parse(await this.#call("POST", "/v1/clusters", body)));
  }

  async remove(sandboxId: string): Promise<void> {
    await this.#call("DELETE", `/v1/clusters/${sandboxId}`);
  }

  /** Follows the verdicts of all clusters until `signal` aborts. */
  follow(onEvent: (event: ClusterEvent) => void, signal: AbortSignal): void {
    const fail = (error: Error): void => {
      if (!signal.aborted) throw error;
    };
    const asked = request({ socketPath: this.#socketPath, path: "/v1/events", signal }, (response) => {
      const lines = createInterface({ input: response });
      lines.on("line", (line) => {
        if (line.trim() !== "") onEvent(clusterEventSchema.parse(JSON.parse(line)));
      });
      // Aborting ends the response with an error, which readline passes on.
      for (const source of [lines, response]) source.on("error", fail);
    });
    asked.on("error", fail);
    asked.end();
  }

  #call(method: string, path: string, body?: unknown): Promise<string> {
    return new Promise((resolve, reject) => {
      const headers = body === undefined ? {} : { "content-type": "application/json" };
      const asked = request({ socketPath: this.#socketPath, method, path, headers }, (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => (text += chunk));
        response.on("end", () => {
          if ((response.statusCode ?? 500) < 300) resolve(text);
          else reject(new Error(`${method} ${path}: ${String(response.statusCode)} ${text}`));
        });
      });
      asked.on("error", reject);
      asked.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }
}
