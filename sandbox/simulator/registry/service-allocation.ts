import { invalidValue, type FieldError } from "../api/field-error";
import type { Service, ServicePort, ServiceSpec } from "../api/generated/kubernetes";
import type { Stored } from "../api/object";
import { SERVICES } from "./references";
import type { StrategyContext } from "./strategy";
import { parseIPv4 } from "./ip";

/**
 * Cluster IPs and node ports. What is taken is read from the Services themselves, so nothing can leak and a restored
 * cluster needs no repair. https://kubernetes.io/docs/concepts/services-networking/cluster-ip-allocation/
 */
const SERVICE_RANGE = { first: 0x0a600000, size: 1 << 20 };
const NODE_PORTS = { first: 30000, last: 32767 };

// Automatic choices come from the upper part, so that the lower one stays free for addresses set by hand.
const STATIC_BAND = 256;

export function hasClusterIP(spec: ServiceSpec): boolean {
  return spec.type !== "ExternalName";
}

export function isHeadless(spec: ServiceSpec): boolean {
  return spec.clusterIP === "None" || spec.clusterIPs?.[0] === "None";
}

/** Gives what is still missing. Bad wishes are left as they are, for validation to name. */
export function allocate(spec: ServiceSpec, old: Stored<Service> | undefined, context: StrategyContext): void {
  const others = servicesBut(old, context);
  if (hasClusterIP(spec)) {
    normalizeAddresses(spec);
    if (!spec.clusterIP && !spec.clusterIPs?.length) {
      spec.clusterIP = freeAddress(others, context);
      spec.clusterIPs = [spec.clusterIP];
    }
    assignFamilies(spec);
  } else {
    // Written out by clients that change the type: the address goes back.
    if (!spec.clusterIP) delete spec.clusterIP;
    if (!spec.clusterIPs?.length) delete spec.clusterIPs;
  }
  if (needsNodePorts(spec)) allocateNodePorts(spec.ports ?? [], others, context);
}

function normalizeAddresses(spec: ServiceSpec): void {
  if (spec.clusterIP && !spec.clusterIPs?.length) spec.clusterIPs = [spec.clusterIP];
  if (!spec.clusterIP && spec.clusterIPs?.length) spec.clusterIP = spec.clusterIPs[0];
}

function assignFamilies(spec: ServiceSpec): void {
  const isOpen = isHeadless(spec) && Object.keys(spec.selector ?? {}).length === 0;
  spec.ipFamilyPolicy ||= isOpen ? "RequireDualStack" : "SingleStack";
  if (!spec.ipFamilies?.length)
    spec.ipFamilies = isOpen && spec.ipFamilyPolicy === "RequireDualStack" ? ["IPv4", "IPv6"] : ["IPv4"];
}

function freeAddress(others: readonly Service[], context: StrategyContext): string {
  const taken = new Set(others.flatMap(({ spec }) => spec?.clusterIPs ?? []));
  for (let attempt = 0; ; attempt++) {
    const span = SERVICE_RANGE.size - STATIC_BAND - 2;
    const offset = attempt < 64 ? STATIC_BAND + 1 + context.random.below(span) : STATIC_BAND + 1 + (attempt - 64);
    const number = SERVICE_RANGE.first + offset;
    const address = [number >>> 24, (number >>> 16) & 255, (number >>> 8) & 255, number & 255].join(".");
    if (!taken.has(address)) return address;
  }
}

function needsNodePorts(spec: ServiceSpec): boolean {
  return spec.type === "NodePort" || (spec.type === "LoadBalancer" && spec.allocateLoadBalancerNodePorts !== false);
}

function allocateNodePorts(ports: ServicePort[], others: readonly Service[], context: StrategyContext): void {
  const taken = takenNodePorts(others);
  const mine = new Map<number, number>();
  for (const port of ports) if (port.nodePort) taken.add(`${port.protocol ?? "TCP"}/${port.nodePort}`);
  for (const port of ports) {
    if (port.nodePort) mine.set(port.port, port.nodePort);
  }
  for (const port of ports) {
    if (port.nodePort) continue;
    // TCP and UDP of one port number share a node port when they can.
    const shared = mine.get(port.port);
    const protocol = port.protocol ?? "TCP";
    port.nodePort = shared && !taken.has(`${protocol}/${shared}`) ? shared : freeNodePort(protocol, taken, context);
    taken.add(`${protocol}/${port.nodePort}`);
    mine.set(port.port, port.nodePort);
  }
}

function freeNodePort(protocol: string, taken: ReadonlySet<string>, context: StrategyContext): number {
  const count = NODE_PORTS.last - NODE_PORTS.first + 1;
  const start = context.random.below(count);
  for (let step = 0; step < count; step++) {
    const port = NODE_PORTS.first + ((start + step) % count);
    if (!taken.has(`${protocol}/${port}`)) return port;
  }
  return 0;
}

function takenNodePorts(services: readonly Service[]): Set<string> {
  const ports = services.flatMap(({ spec }) => spec?.ports ?? []).filter((port) => port.nodePort);
  return new Set(ports.map((port) => `${port.protocol ?? "TCP"}/${port.nodePort ?? 0}`));
}

/** A client that does not repeat what the server chose keeps it, as long as the type still calls for it. */
export function keepAllocated(spec: ServiceSpec, old: ServiceSpec | undefined): void {
  if (!old) return;
  if (hasClusterIP(spec) && hasClusterIP(old)) {
    if (!spec.clusterIP && !spec.clusterIPs?.length) {
      spec.clusterIP = old.clusterIP;
      spec.clusterIPs = old.clusterIPs && [...old.clusterIPs];
    } else if (spec.clusterIP !== old.clusterIP && JSON.stringify(spec.clusterIPs) === JSON.stringify(old.clusterIPs)) {
      // Only the singular was changed: the plural follows.
      spec.clusterIPs = spec.clusterIP ? [spec.clusterIP] : undefined;
      if (!spec.clusterIP) {
        spec.clusterIP = old.clusterIP;
        spec.clusterIPs = old.clusterIPs && [...old.clusterIPs];
      }
    }
    spec.ipFamilies ??= old.ipFamilies && [...old.ipFamilies];
    spec.ipFamilyPolicy ||= old.ipFamilyPolicy;
  }
  if (hasClusterIP(old) && !hasClusterIP(spec)) {
    if (spec.clusterIP === old.clusterIP) delete spec.clusterIP;
    if (JSON.stringify(spec.clusterIPs) === JSON.stringify(old.clusterIPs)) delete spec.clusterIPs;
    delete spec.ipFamilies;
    delete spec.ipFamilyPolicy;
    delete spec.internalTrafficPolicy;
  }
  if (needsNodePorts(spec) && needsNodePorts(old)) {
    const before = old.ports ?? [];
    for (const port of spec.ports ?? []) {
      port.nodePort ||= before.find((each) => each.protocol === port.protocol && each.port === port.port)?.nodePort;
      if (!port.nodePort) delete port.nodePort;
    }
  } else if (needsNodePorts(old) && !needsNodePorts(spec)) {
    for (const port of spec.ports ?? []) {
      if (old.ports?.some((each) => each.nodePort === port.nodePort)) delete port.nodePort;
    }
    if (old.externalTrafficPolicy === spec.externalTrafficPolicy && !spec.externalIPs?.length)
      delete spec.externalTrafficPolicy;
  }
  if (old.type === "LoadBalancer" && spec.type !== "LoadBalancer") delete spec.allocateLoadBalancerNodePorts;
}

/** Wishes that cannot be granted. */
export function validateAllocation(
  spec: ServiceSpec,
  old: Stored<Service> | undefined,
  context: StrategyContext,
): FieldError[] {
  const errors: FieldError[] = [];
  const others = servicesBut(old, context);
  const address = spec.clusterIPs?.[0];
  if (hasClusterIP(spec) && address && address !== "None" && address !== old?.spec?.clusterIPs?.[0]) {
    const number = parseIPv4(address);
    const why = (text: string): FieldError =>
      invalidValue("spec.clusterIPs", spec.clusterIPs, `failed to allocate IP ${address}: ${text}`);
    if (number === undefined) return errors;
    if (number < SERVICE_RANGE.first || number >= SERVICE_RANGE.first + SERVICE_RANGE.size) {
      errors.push(why("the provided network does not match the current range"));
    } else if (others.some((each) => each.spec?.clusterIPs?.includes(address)))
      errors.push(why("provided IP is already allocated"));
  }
  const taken = takenNodePorts(others);
  spec.ports?.forEach((port, index) => {
    if (!port.nodePort) return;
    const at = `spec.ports[${index}].nodePort`;
    if (port.nodePort < NODE_PORTS.first || port.nodePort > NODE_PORTS.last) {
      const range = `${NODE_PORTS.first}-${NODE_PORTS.last}`;
      errors.push(
        invalidValue(
          at,
          port.nodePort,
          `provided port is not in the valid range. The range of valid ports is ${range}`,
        ),
      );
    } else if (taken.has(`${port.protocol ?? "TCP"}/${port.nodePort}`)) {
      errors.push(invalidValue(at, port.nodePort, "provided port is already allocated"));
    }
  });
  return errors;
}

function servicesBut(old: Stored<Service> | undefined, context: StrategyContext): Service[] {
  return context.list(SERVICES, "").filter((each) => each.metadata.uid !== old?.metadata.uid);
}
