import type { Upgrade } from "../../api/channel";
import type { Pod } from "../../api/generated/kubernetes";
import type { NodeApis } from "../../api/node-api";
import type { Stored } from "../../api/object";
import type { Clock } from "../../clock";
import { nodeOf } from "../exec-session";
import { chooseOffered, wantsSpdy } from "../upgrade-protocols";
import { CHANNEL_PROTOCOL, parsePorts, runChannelSession } from "./channel-session";
import type { Dial } from "./forward";
import { PORT_FORWARD_PROTOCOL, runSpdySession, SPDY_PROTOCOL } from "./spdy-session";

/** Accepts a port forward over WebSockets or SPDY, in the first form that the client offers and we know. */
export function openPortForward(
  pod: Stored<Pod>,
  query: URLSearchParams,
  headers: Headers,
  nodes: NodeApis,
  clock: Clock,
): Upgrade {
  const { namespace = "", name, uid } = pod.metadata;
  const dial: Dial = { node: nodeOf(pod, nodes), pod: { namespace, name, uid }, clock };
  if (wantsSpdy(headers)) {
    const protocol = chooseOffered(headers, [PORT_FORWARD_PROTOCOL]);
    return { kind: "accept", protocol, spdy: true, run: (channel) => runSpdySession(channel, dial) };
  }
  const protocol = chooseOffered(headers, [SPDY_PROTOCOL, CHANNEL_PROTOCOL]);
  if (protocol === SPDY_PROTOCOL) return { kind: "accept", protocol, run: (channel) => runSpdySession(channel, dial) };
  const ports = parsePorts(query);
  return { kind: "accept", protocol, run: (channel) => runChannelSession(channel, dial, ports) };
}
