import type { KubeObject } from "./object";
import type { Status } from "./generated/kubernetes";

/** Who asks, after authentication. https://kubernetes.io/docs/reference/access-authn-authz/authentication/ */
export interface UserInfo {
  readonly username: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

export type Verb = "get" | "list" | "watch" | "create" | "update" | "patch" | "delete" | "deletecollection";

export type PatchType = "json" | "merge" | "strategic" | "apply";

export type PropagationPolicy = "Orphan" | "Background" | "Foreground";

/** Options of all verbs in one shape; each verb reads its own. Names are the API's query parameters and DeleteOptions. */
export interface RequestOptions {
  resourceVersion?: string;
  /** `Exact` or `NotOlderThan`. */
  resourceVersionMatch?: string;
  labelSelector?: string;
  fieldSelector?: string;
  limit?: number;
  continue?: string;
  allowWatchBookmarks?: boolean;
  sendInitialEvents?: boolean;
  timeoutSeconds?: number;
  dryRun?: boolean;
  fieldManager?: string;
  fieldValidation?: "Ignore" | "Warn" | "Strict";
  force?: boolean;
  gracePeriodSeconds?: number;
  propagationPolicy?: PropagationPolicy;
  preconditions?: { uid?: string; resourceVersion?: string };
}

/** One request to the API server after its encoding is off: what both client transports and the HTTP edge produce. */
export interface ApiRequest {
  readonly verb: Verb;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly user: UserInfo;
  readonly options: RequestOptions;
  /** The object (create, update), the patch document, or DeleteOptions already folded into `options`. Never mutated. */
  readonly body?: unknown;
  readonly patchType?: PatchType;
}

export interface ApiResult {
  /** The object, list or Status; frozen, shared with storage: clone before editing. */
  readonly object: KubeObject | Status;
  /** HTTP status: 200, 201 (created), 202 (deletion accepted). Errors are thrown as `StatusError`. */
  readonly code: number;
  /** Texts of `Warning: 299` headers. */
  readonly warnings: readonly string[];
}

export interface WatchEvent<T extends KubeObject = KubeObject> {
  type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";
  /** Frozen. For ERROR a Status. */
  object: T;
}

/** Events come in resourceVersion order, never re-entrantly from inside the call that caused them. */
export interface WatchHandler<T extends KubeObject = KubeObject> {
  event(event: WatchEvent<T>): void;
  /** The watch is over: timed out, server stopping (no error), or broken (error). Called once; not after `stop`. */
  closed(error?: Error): void;
}

export interface Watch {
  stop(): void;
}

/** The object-level door of the API server: the whole chain (authorization, admission, strategy, storage), no encoding. */
export interface RequestHandler {
  /** Every verb but watch. Rejects with `StatusError`. */
  handle(request: ApiRequest): Promise<ApiResult>;
  /** Rejects with `StatusError` when the watch cannot start (410, 403, …). */
  watch(request: ApiRequest, handler: WatchHandler): Promise<Watch>;
}
