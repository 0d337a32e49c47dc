import type { Pod } from "../../api/generated/kubernetes";
import type { Filter } from "./filter";

/** Refuses nodes where a host port the pod wants is taken. */
export const nodePorts: Filter = ({ pod }, { pods }) => {
  const wanted = hostPorts(pod);
  if (wanted.length === 0) return undefined;
  const taken = pods.flatMap(hostPorts);
  if (!wanted.some((port) => taken.some((other) => collide(port, other)))) return undefined;
  return { reasons: ["node(s) didn't have free ports for the requested pod ports"], resolvable: true };
};

export interface HostPort {
  readonly ip: string;
  readonly protocol: string;
  readonly port: number;
}

const ANY = "0.0.0.0";

/** The ports a pod takes of its node. */
export function hostPorts(pod: Pod): HostPort[] {
  return (pod.spec?.containers ?? []).flatMap((container) =>
    (container.ports ?? [])
      .filter(({ hostPort }) => (hostPort ?? 0) > 0)
      .map(({ hostIP, protocol, hostPort }) => ({
        ip: hostIP || ANY,
        protocol: protocol ?? "TCP",
        port: hostPort ?? 0,
      })),
  );
}

function collide(a: HostPort, b: HostPort): boolean {
  return a.port === b.port && a.protocol === b.protocol && (a.ip === b.ip || a.ip === ANY || b.ip === ANY);
}
