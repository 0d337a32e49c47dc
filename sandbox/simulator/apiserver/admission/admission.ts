import type { KubeObject, Stored } from "../../api/object";
import type { UserInfo } from "../../api/request";
import type { StrategyContext } from "../../registry/strategy";
import type { WebhookAnswer, WebhookCall } from "./webhook/webhook-call";
import type { ResourceInfo } from "../../schema/resources";

/** What an admission plugin sees of a write. `object` is a draft it may edit; there is none for deletions. */
export interface AdmissionAttributes {
  readonly operation: "create" | "update" | "delete" | "connect";
  readonly resource: ResourceInfo;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  readonly user: UserInfo;
  readonly object?: KubeObject;
  readonly old?: Stored;
  readonly context: StrategyContext;
  /** The options of the call as an object of the API: `CreateOptions`, `UpdateOptions`, … */
  readonly options?: object;
  /** Tells the client something with the answer, whether it is let in or not. */
  readonly warn: (text: string) => void;
  /** Calls a webhook on the cluster's network. May end the attempt, which then starts anew. */
  readonly reach: (call: WebhookCall) => WebhookAnswer;
}

/**
 * A step of every write. Either part throws a `StatusError` to refuse.
 * https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/
 */
export interface Admission {
  /** Before the object is validated; may edit it. */
  admit?(attributes: AdmissionAttributes): void;
  /** Once the object is known to be valid. What it returns runs when the write stands; never for a dry run. */
  validate?(attributes: AdmissionAttributes): (() => void) | undefined;
}
