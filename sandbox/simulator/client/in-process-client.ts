import {
  apiVersionOf,
  type KubeObject,
  type ObjectKey,
  type ObjectList,
  type Resource,
  type Stored,
} from "../api/object";
import type {
  ApiRequest,
  ApiResult,
  RequestHandler,
  RequestOptions,
  UserInfo,
  Verb,
  Watch,
  WatchHandler,
} from "../api/request";
import type { Client, DeleteOptions, ListOptions, WriteOptions } from "./client";

/**
 * The client of components inside the cluster: the server's whole chain (authorization, admission, strategy, storage)
 * without any encoding. Objects come and go by reference.
 */
export class InProcessClient implements Client {
  readonly #handler: RequestHandler;
  readonly #user: UserInfo;
  readonly #fieldManager: string;

  constructor(handler: RequestHandler, user: UserInfo, fieldManager: string) {
    this.#handler = handler;
    this.#user = user;
    this.#fieldManager = fieldManager;
  }

  async get<T extends KubeObject>(resource: Resource<T>, key: ObjectKey): Promise<Stored<T>> {
    return stored<T>(await this.#send("get", resource, { ...key }));
  }

  async list<T extends KubeObject>(
    resource: Resource<T>,
    namespace: string,
    options: ListOptions = {},
  ): Promise<ObjectList<T>> {
    const result = await this.#send("list", resource, { namespace, options });
    return listed<T>(result);
  }

  watch<T extends KubeObject>(
    resource: Resource<T>,
    namespace: string,
    options: RequestOptions,
    handler: WatchHandler<Stored<T>>,
  ): Promise<Watch> {
    return this.#handler.watch(this.#request("watch", resource, { namespace, options }), handler);
  }

  async create<T extends KubeObject>(resource: Resource<T>, object: T, options: WriteOptions = {}): Promise<Stored<T>> {
    const namespace = object.metadata?.namespace ?? "";
    return stored<T>(
      await this.#send("create", resource, { namespace, body: typed(resource, object), options: this.#write(options) }),
    );
  }

  async update<T extends KubeObject>(resource: Resource<T>, object: T, options: WriteOptions = {}): Promise<Stored<T>> {
    return stored<T>(await this.#put(resource, object, options));
  }

  async updateStatus<T extends KubeObject>(
    resource: Resource<T>,
    object: T,
    options: WriteOptions = {},
  ): Promise<Stored<T>> {
    return stored<T>(await this.#put(resource, object, options, "status"));
  }

  async updateSubresource<T extends KubeObject>(
    resource: Resource<T>,
    object: T,
    subresource: string,
  ): Promise<Stored<T>> {
    return stored<T>(await this.#put(resource, object, {}, subresource));
  }

  async patch<T extends KubeObject>(
    resource: Resource<T>,
    key: ObjectKey,
    patch: Parameters<Client["patch"]>[2],
    options: WriteOptions = {},
  ): Promise<Stored<T>> {
    return stored<T>(
      await this.#send("patch", resource, {
        ...key,
        subresource: patch.subresource,
        body: patch.body,
        patchType: patch.type,
        options: this.#write(options),
      }),
    );
  }

  async delete(resource: Resource, key: ObjectKey, options: DeleteOptions = {}): Promise<void> {
    await this.#send("delete", resource, { ...key, options });
  }

  async deleteCollection(
    resource: Resource,
    namespace: string,
    options: DeleteOptions & ListOptions = {},
  ): Promise<void> {
    await this.#send("deletecollection", resource, { namespace, options });
  }

  createSubresource(resource: Resource, key: ObjectKey, subresource: string, body: unknown): Promise<ApiResult> {
    return this.#send("create", resource, { ...key, subresource, body, options: this.#write({}) });
  }

  #put<T extends KubeObject>(
    resource: Resource<T>,
    object: T,
    options: WriteOptions,
    subresource?: string,
  ): Promise<ApiResult> {
    const { namespace = "", name = "" } = object.metadata ?? {};
    return this.#send("update", resource, {
      namespace,
      name,
      subresource,
      body: typed(resource, object),
      options: this.#write(options),
    });
  }

  #send(verb: Verb, resource: Resource, parts: Parts): Promise<ApiResult> {
    return this.#handler.handle(this.#request(verb, resource, parts));
  }

  #request(verb: Verb, resource: Resource, parts: Parts): ApiRequest {
    return {
      verb,
      group: resource.group,
      version: resource.version,
      resource: resource.name,
      user: this.#user,
      subresource: parts.subresource,
      namespace: resource.namespaced && parts.namespace !== "" ? parts.namespace : undefined,
      name: parts.name,
      options: parts.options ?? {},
      body: parts.body,
      patchType: parts.patchType,
    };
  }

  #write(options: WriteOptions): RequestOptions {
    return { fieldManager: this.#fieldManager, ...options };
  }
}

type Parts = Partial<Pick<ApiRequest, "namespace" | "name" | "subresource" | "options" | "body" | "patchType">>;

/** Typed clients may leave out what the collection already says. */
function typed<T extends KubeObject>(resource: Resource<T>, object: T): T {
  if (object.apiVersion && object.kind) return object;
  return { ...object, apiVersion: apiVersionOf(resource), kind: resource.kind };
}

// The two places where the server's untyped answers take the type their collection promises.
function stored<T extends KubeObject>(result: ApiResult): Stored<T> {
  return result.object as Stored<T>;
}

function listed<T extends KubeObject>(result: ApiResult): ObjectList<T> {
  return result.object as ObjectList<T>;
}
