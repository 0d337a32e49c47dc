import type { Service, ServicePort } from "../api/generated/kubernetes";

/**
 * Variables for the Services a pod sees when it starts: `WEB_SERVICE_HOST`, `WEB_SERVICE_PORT` and the older
 * docker-link style. https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
 */
export function serviceEnvironment(services: readonly Service[]): { name: string; value: string }[] {
  return services.flatMap((service) => {
    const address = service.spec?.clusterIP;
    const ports = service.spec?.ports ?? [];
    const first = ports[0];
    if (!address || address === "None" || !first) return [];
    const prefix = variableName(service.metadata?.name ?? "");
    return [
      { name: `${prefix}_SERVICE_HOST`, value: address },
      { name: `${prefix}_SERVICE_PORT`, value: String(first.port) },
      ...ports
        .filter(({ name }) => name)
        .map(({ name = "", port }) => ({ name: `${prefix}_SERVICE_PORT_${variableName(name)}`, value: String(port) })),
      { name: `${prefix}_PORT`, value: url(address, first) },
      ...ports.flatMap((port) => linkVariables(`${prefix}_PORT_${port.port}_${port.protocol ?? "TCP"}`, address, port)),
    ];
  });
}

function linkVariables(prefix: string, address: string, port: ServicePort): { name: string; value: string }[] {
  return [
    { name: prefix, value: url(address, port) },
    { name: `${prefix}_PROTO`, value: protocolOf(port) },
    { name: `${prefix}_PORT`, value: String(port.port) },
    { name: `${prefix}_ADDR`, value: address },
  ];
}

function url(address: string, port: ServicePort): string {
  return `${protocolOf(port)}://${address}:${port.port}`;
}

function protocolOf(port: ServicePort): string {
  return (port.protocol ?? "TCP").toLowerCase();
}

function variableName(name: string): string {
  return name.toUpperCase().replaceAll("-", "_");
}
