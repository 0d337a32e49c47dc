import type { Service } from "../api/generated/kubernetes";
import type { QuotaEvaluator } from "./evaluator";

const NAMES = ["services", "count/services", "services.nodeports", "services.loadbalancers"];

export const serviceEvaluator: QuotaEvaluator = {
  countsUpdates: true,
  measures: (name) => NAMES.includes(name),
  usage(object) {
    const { spec } = object as Service;
    return {
      services: "1",
      "count/services": "1",
      "services.nodeports": String(nodePorts(spec)),
      "services.loadbalancers": spec?.type === "LoadBalancer" ? "1" : "0",
    };
  },
};

function nodePorts(spec: Service["spec"]): number {
  const ports = spec?.ports ?? [];
  if (spec?.type === "NodePort") return ports.length;
  if (spec?.type !== "LoadBalancer") return 0;
  return spec.allocateLoadBalancerNodePorts === false
    ? ports.filter(({ nodePort }) => (nodePort ?? 0) !== 0).length
    : ports.length;
}
