import type { Clock } from "../clock";
import type { KubeObject, Stored } from "../api/object";
import type { ApiRequest } from "../api/request";
import type { ResourceInfo } from "../schema/resources";

/** Notes who set which fields. https://kubernetes.io/docs/reference/using-api/server-side-apply/#managing-fields */
export function recordManager(
  _clock: Clock,
  _info: ResourceInfo,
  draft: KubeObject,
  old: Stored | undefined,
  _request: ApiRequest,
): void {
  const metadata = (draft.metadata ??= {});
  if (old?.metadata.managedFields) metadata.managedFields = old.metadata.managedFields;
  else delete metadata.managedFields;
}
