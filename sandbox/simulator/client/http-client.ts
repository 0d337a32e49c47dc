import {
  apiVersionOf,
  type KubeObject,
  type ObjectKey,
  type ObjectList,
  type Resource,
  type Stored,
} from "../api/object";
import type { ApiResult, PatchType, RequestOptions, Watch, WatchHandler } from "../api/request";
import { StatusError } from "../api/status";
import type { Status } from "../api/generated/kubernetes";
import type { Client, DeleteOptions, ListOptions, WriteOptions } from "./client";
import { readWatchEvents } from "./watch-stream";

export interface HttpClientOptions {
  /** `https://127.0.0.1:6443`, without a path. */
  readonly server: string;
  /** Sends a request: the transport carries TLS and credentials. */
  readonly fetch: (request: Request) => Promise<Response>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly fieldManager?: string;
}

/** The same client over HTTP: JSON bodies, one response per call, a line of JSON per watch event. */
export class HttpClient implements Client {
  readonly #options: HttpClientOptions;

  constructor(options: HttpClientOptions) {
    this.#options = options;
  }

  async get<T extends KubeObject>(resource: Resource<T>, key: ObjectKey): Promise<Stored<T>> {
    return stored<T>(await this.#json("GET", resource, key));
  }

  async list<T extends KubeObject>(
    resource: Resource<T>,
    namespace: string,
    options: ListOptions = {},
  ): Promise<ObjectList<T>> {
    const { object } = await this.#json("GET", resource, { namespace, name: "" }, { query: options });
    const list = object as ObjectList<T>;
    // Items of a list come without apiVersion and kind; in-process they have both.
    const kind = { apiVersion: apiVersionOf(resource), kind: resource.kind };
    return { ...list, items: list.items.map((item) => ({ ...kind, ...item })) };
  }

  async watch<T extends KubeObject>(
    resource: Resource<T>,
    namespace: string,
    options: RequestOptions,
    handler: WatchHandler<Stored<T>>,
  ): Promise<Watch> {
    const abort = new AbortController();
    const query = { ...options, watch: true };
    const response = await this.#send("GET", resource, { namespace, name: "" }, { query, signal: abort.signal });
    let stopped = false;
    void readWatchEvents<T>(response, (event) => {
      if (!stopped) handler.event(event);
    }).then(
      () => (stopped ? undefined : handler.closed()),
      (error: unknown) =>
        stopped ? undefined : handler.closed(error instanceof Error ? error : new Error(String(error))),
    );
    return {
      stop: () => {
        stopped = true;
        abort.abort();
      },
    };
  }

  async create<T extends KubeObject>(resource: Resource<T>, object: T, options: WriteOptions = {}): Promise<Stored<T>> {
    const key = { namespace: object.metadata?.namespace ?? "", name: "" };
    return stored<T>(
      await this.#json("POST", resource, key, { query: this.#write(options), body: typed(resource, object) }),
    );
  }

  update<T extends KubeObject>(resource: Resource<T>, object: T, options: WriteOptions = {}): Promise<Stored<T>> {
    return this.#put(resource, object, options);
  }

  updateStatus<T extends KubeObject>(resource: Resource<T>, object: T, options: WriteOptions = {}): Promise<Stored<T>> {
    return this.#put(resource, object, options, "status");
  }

  updateSubresource<T extends KubeObject>(resource: Resource<T>, object: T, subresource: string): Promise<Stored<T>> {
    return this.#put(resource, object, {}, subresource);
  }

  async patch<T extends KubeObject>(
    resource: Resource<T>,
    key: ObjectKey,
    patch: Parameters<Client["patch"]>[2],
    options: WriteOptions = {},
  ): Promise<Stored<T>> {
    return stored<T>(
      await this.#json("PATCH", resource, key, {
        query: this.#write(options),
        subresource: patch.subresource,
        body: patch.body,
        contentType: PATCH_CONTENT_TYPES[patch.type],
      }),
    );
  }

  async delete(resource: Resource, key: ObjectKey, options: DeleteOptions = {}): Promise<void> {
    await this.#json("DELETE", resource, key, { body: deleteOptions(options) });
  }

  async deleteCollection(
    resource: Resource,
    namespace: string,
    options: DeleteOptions & ListOptions = {},
  ): Promise<void> {
    const { labelSelector, fieldSelector, limit, continue: token } = options;
    const query = { labelSelector, fieldSelector, limit, continue: token };
    await this.#json("DELETE", resource, { namespace, name: "" }, { query, body: deleteOptions(options) });
  }

  createSubresource(resource: Resource, key: ObjectKey, subresource: string, body: unknown): Promise<ApiResult> {
    return this.#json("POST", resource, key, { subresource, body, query: this.#write({}) });
  }

  async #put<T extends KubeObject>(
    resource: Resource<T>,
    object: T,
    options: WriteOptions,
    subresource?: string,
  ): Promise<Stored<T>> {
    const key = { namespace: object.metadata?.namespace ?? "", name: object.metadata?.name ?? "" };
    return stored<T>(
      await this.#json("PUT", resource, key, {
        query: this.#write(options),
        body: typed(resource, object),
        subresource,
      }),
    );
  }

  async #json(method: string, resource: Resource, key: ObjectKey, parts: Parts = {}): Promise<ApiResult> {
    const response = await this.#send(method, resource, key, parts);
    const object = (await response.json()) as KubeObject;
    return { object, code: response.status, warnings: warningsOf(response) };
  }

  async #send(method: string, resource: Resource, key: ObjectKey, parts: Parts): Promise<Response> {
    const url = new URL(pathOf(resource, key, parts.subresource), this.#options.server);
    for (const [name, value] of Object.entries(parts.query ?? {})) appendQuery(url, name, value);
    const headers: Record<string, string> = { accept: "application/json", ...this.#options.headers };
    if (parts.body !== undefined) headers["content-type"] = parts.contentType ?? "application/json";
    const body = parts.body === undefined ? undefined : JSON.stringify(parts.body);
    const response = await this.#options.fetch(new Request(url, { method, headers, body, signal: parts.signal }));
    if (!response.ok) throw new StatusError(await statusOf(response));
    return response;
  }

  #write(options: WriteOptions): Record<string, unknown> {
    const { dryRun, ...rest } = options;
    return { fieldManager: this.#options.fieldManager, ...rest, dryRun: dryRun ? "All" : undefined };
  }
}

interface Parts {
  readonly subresource?: string;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly signal?: AbortSignal;
}

const PATCH_CONTENT_TYPES: Readonly<Record<PatchType, string>> = {
  json: "application/json-patch+json",
  merge: "application/merge-patch+json",
  strategic: "application/strategic-merge-patch+json",
  apply: "application/apply-patch+yaml",
};

function pathOf(resource: Resource, key: ObjectKey, subresource: string | undefined): string {
  const root = resource.group === "" ? `/api/${resource.version}` : `/apis/${resource.group}/${resource.version}`;
  const scope = resource.namespaced && key.namespace !== "" ? `/namespaces/${encodeURIComponent(key.namespace)}` : "";
  const name = key.name === "" ? "" : `/${encodeURIComponent(key.name)}`;
  return `${root}${scope}/${resource.name}${name}${subresource ? `/${subresource}` : ""}`;
}

function appendQuery(url: URL, name: string, value: unknown): void {
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean")
    url.searchParams.set(name, String(value));
}

function deleteOptions(options: DeleteOptions): Record<string, unknown> {
  const { gracePeriodSeconds, propagationPolicy, preconditions } = options;
  return { kind: "DeleteOptions", apiVersion: "v1", gracePeriodSeconds, propagationPolicy, preconditions };
}

/** Typed clients may leave out what the collection already says. */
function typed<T extends KubeObject>(resource: Resource<T>, object: T): T {
  return { ...object, apiVersion: apiVersionOf(resource), kind: resource.kind };
}

function stored<T extends KubeObject>(result: ApiResult): Stored<T> {
  return result.object as Stored<T>;
}

/** `Warning: 299 - "text"` headers, joined by commas when there are several. */
function warningsOf(response: Response): string[] {
  return [...(response.headers.get("warning") ?? "").matchAll(/299 \S+ "((?:[^"\\]|\\.)*)"/g)].map((match) =>
    (match[1] ?? "").replace(/\\(.)/g, "$1"),
  );
}

async function statusOf(response: Response): Promise<Status> {
  const text = await response.text();
  try {
    const body = JSON.parse(text) as Status;
    if (body.kind === "Status") return body;
  } catch {
    // Not JSON: what follows says what came instead.
  }
  return {
    apiVersion: "v1",
    kind: "Status",
    status: "Failure",
    code: response.status,
    reason: "Unknown",
    message: text.trim(),
  };
}
