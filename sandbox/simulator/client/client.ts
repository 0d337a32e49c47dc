import type { KubeObject, ObjectKey, ObjectList, Resource, Stored } from "../api/object";
import type { ApiResult, PatchType, RequestOptions, Watch, WatchHandler } from "../api/request";

/**
 * A typed client of the Kubernetes API, the same over both transports (in-process and HTTP). Objects it returns are
 * frozen and shared: `structuredClone` before editing. Every call rejects with `StatusError` (api/status.ts).
 */
export interface Client {
  get<T extends KubeObject>(resource: Resource<T>, key: ObjectKey): Promise<Stored<T>>;
  /** `namespace` "" lists all namespaces. */
  list<T extends KubeObject>(resource: Resource<T>, namespace: string, options?: ListOptions): Promise<ObjectList<T>>;
  /** Starts after `options.resourceVersion`; without it, at "now" with ADDED for what is there. */
  watch<T extends KubeObject>(
    resource: Resource<T>,
    namespace: string,
    options: ListOptions & Pick<RequestOptions, "resourceVersion" | "allowWatchBookmarks" | "timeoutSeconds">,
    handler: WatchHandler<Stored<T>>,
  ): Promise<Watch>;
  create<T extends KubeObject>(resource: Resource<T>, object: T, options?: WriteOptions): Promise<Stored<T>>;
  /** Replaces; a conflict (409) when `metadata.resourceVersion` is set and stale. */
  update<T extends KubeObject>(resource: Resource<T>, object: T, options?: WriteOptions): Promise<Stored<T>>;
  updateStatus<T extends KubeObject>(resource: Resource<T>, object: T, options?: WriteOptions): Promise<Stored<T>>;
  /** PUT to a subresource that takes the whole object: `finalize`. */
  updateSubresource<T extends KubeObject>(resource: Resource<T>, object: T, subresource: string): Promise<Stored<T>>;
  patch<T extends KubeObject>(
    resource: Resource<T>,
    key: ObjectKey,
    patch: { type: PatchType; body: unknown; subresource?: string },
    options?: WriteOptions,
  ): Promise<Stored<T>>;
  delete(resource: Resource, key: ObjectKey, options?: DeleteOptions): Promise<void>;
  deleteCollection(resource: Resource, namespace: string, options?: DeleteOptions & ListOptions): Promise<void>;
  /** POST to a subresource: `binding`, `eviction`, `token`, … */
  createSubresource(resource: Resource, key: ObjectKey, subresource: string, body: unknown): Promise<ApiResult>;
}

export type ListOptions = Pick<RequestOptions, "labelSelector" | "fieldSelector" | "limit" | "continue">;
export type WriteOptions = Pick<RequestOptions, "fieldManager" | "dryRun" | "force">;
export type DeleteOptions = Pick<RequestOptions, "gracePeriodSeconds" | "propagationPolicy" | "preconditions">;
