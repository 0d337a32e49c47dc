import type { ComponentStatus } from "../api/generated/kubernetes";
import type { KubeObject } from "../api/object";
import type { ApiRequest, ApiResult } from "../api/request";
import { notFound } from "../api/status";
import type { Target } from "./target";

const COMPONENTS = ["controller-manager", "scheduler", "etcd-0"];

/**
 * What `kubectl get componentstatuses` shows: made when asked for, kept nowhere. `undefined` for other resources.
 * https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/component-status-v1/
 */
export function answerComponentStatus({ info, name }: Target, { verb }: ApiRequest): ApiResult["object"] | undefined {
  if (info.group !== "" || info.name !== "componentstatuses") return undefined;
  if (verb === "list") {
    const items = COMPONENTS.map(healthy);
    const list: KubeObject & { items: ComponentStatus[] } = { kind: "ComponentStatusList", apiVersion: "v1", items };
    return { ...list, metadata: {} };
  }
  if (verb !== "get") return undefined;
  if (!COMPONENTS.includes(name)) throw notFound(info, name);
  return healthy(name);
}

function healthy(name: string) {
  return {
    kind: "ComponentStatus",
    apiVersion: "v1",
    metadata: { name },
    conditions: [{ type: "Healthy", status: "True", message: "ok" }],
  } satisfies ComponentStatus;
}
