import { invalidValue, notSupported, requiredValue, tooMany, type FieldError } from "../api/field-error";
import type { EndpointSlice } from "../api/generated/kubernetes";
import { ageCell, firstThree, nameCell } from "./cells";
import { IP_RULE, isIPv6, parseIPv4 } from "./ip";
import { columns, type Strategy } from "./strategy";

const ADDRESS_TYPES = ["FQDN", "IPv4", "IPv6"];
const MAX_ENDPOINTS = 1000;

/** https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/ */
export const endpointSliceStrategy: Strategy<EndpointSlice> = {
  defaults(slice) {
    for (const port of slice.ports ?? []) {
      port.name ??= "";
      port.protocol ||= "TCP";
    }
  },
  validate(slice) {
    const errors: FieldError[] = [];
    if (!slice.addressType) errors.push(requiredValue("addressType"));
    else if (!ADDRESS_TYPES.includes(slice.addressType))
      errors.push(notSupported("addressType", slice.addressType, ADDRESS_TYPES));
    const endpoints = slice.endpoints ?? [];
    if (endpoints.length > MAX_ENDPOINTS) errors.push(tooMany("endpoints", endpoints.length, MAX_ENDPOINTS));
    endpoints.forEach(({ addresses }, index) => {
      if (addresses.length === 0)
        errors.push(requiredValue(`endpoints[${index}].addresses`, "must contain at least 1 address"));
      addresses.forEach((address, at) => {
        const isGood =
          slice.addressType === "IPv4"
            ? parseIPv4(address) !== undefined
            : slice.addressType !== "IPv6" || isIPv6(address);
        if (!isGood) errors.push(invalidValue(`endpoints[${index}].addresses[${at}]`, address, IP_RULE));
      });
    });
    return errors;
  },
  generationOf: ({ metadata, ...rest }) => [rest, metadata?.labels ?? {}, metadata?.annotations ?? {}],
  printer: {
    columns: columns("Name", "AddressType", "Ports", "Endpoints", "Age"),
    row: (slice, now) => [
      nameCell(slice),
      slice.addressType,
      firstThree(
        (slice.ports ?? []).map(({ port, name }) => (port === undefined ? name || "*" : String(port))),
        "<unset>",
      ),
      firstThree(
        (slice.endpoints ?? []).flatMap(({ addresses }) => addresses),
        "<unset>",
      ),
      ageCell(slice, now),
    ],
  },
};
