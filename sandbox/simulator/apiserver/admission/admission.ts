import type { KubeObject, Stored } from "../../api/object";
import type { UserInfo } from "../../api/request";
import type { StrategyContext } from "../../registry/strategy";
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
}

/**
 * A step between authorization and validation. Throws a `StatusError` to refuse.
 * https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/
 */
export interface Admission {
  admit(attributes: AdmissionAttributes): void;
}
