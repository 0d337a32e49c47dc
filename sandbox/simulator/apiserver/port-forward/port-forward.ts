import type { Upgrade } from "../../api/channel";
import type { Pod } from "../../api/generated/kubernetes";
import type { NodeApis } from "../../api/node-api";
import type { Stored } from "../../api/object";
import { badRequest } from "../../api/status";
import type { Clock } from "../../clock";
import { nodeOf } from "../streams";
import { CHANNEL_PROTOCOL, parsePorts, runChannelSession } from "./channel-session";
import type { Dial } from "./forward";
import { runSpdySession, SPDY_PROTOCOL } from "./spdy-session";

/** Accepts a port forward over WebSockets, in the first form that the client offers and we know. */
export function openPortForward(
  pod: Stored<Pod>,
  query: URLSearchParams,
  offered: string | null,
  nodes: NodeApis,
  clock: Clock,
): Upgrade {
  const { namespace = "", name, uid } = pod.metadata;
  const dial: Dial = { node: nodeOf(pod, nodes), pod: { namespace, name, uid }, clock };
  for (const protocol of (offered ?? "").split(",").map((each) => each.trim())) {
    if (protocol === SPDY_PROTOCOL)
      return { kind: "accept", protocol, run: (channel) => runSpdySession(channel, dial) };
    if (protocol === CHANNEL_PROTOCOL) {
      const ports = parsePorts(query);
      return { kind: "accept", protocol, run: (channel) => runChannelSession(channel, dial, ports) };
    }
  }
  // An older way of streaming, tried after WebSockets were refused: it gets the same error, or this one.
  throw badRequest("unable to upgrade: only WebSockets are supported");
}
