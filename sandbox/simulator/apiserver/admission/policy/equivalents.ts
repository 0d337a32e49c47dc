import { conversionFor } from "../../../registry/conversion";
import { GROUP_VERSIONS, type ResourceInfo } from "../../../schema/resources";
import { apiVersionOf } from "../../../api/object";
import type { ServedResources } from "../../served-resources";
import type { Equivalents, Form } from "./matching";

/** The other versions in which a collection is served: of custom kinds all, of built-in ones those that are converted. */
export function equivalentForms(resources: ServedResources): Equivalents {
  return (info) =>
    info.model ? customForms(info, resources) : (BUILT_IN.get(`${info.group}/${info.version}/${info.name}`) ?? []);
}

function customForms(own: ResourceInfo, resources: ServedResources): Form[] {
  return resources
    .customResources()
    .filter(({ info }) => info.group === own.group && info.name === own.name && info.version !== own.version)
    .map(({ info }) => ({ info, convert: (object) => ({ ...object, apiVersion: apiVersionOf(info) }) }));
}

/** By the stored form. */
const BUILT_IN: ReadonlyMap<string, readonly Form[]> = new Map(
  GROUP_VERSIONS.flatMap(({ resources }) => resources).flatMap((info) => {
    const conversion = conversionFor(info.group, info.version, info.name);
    if (!conversion) return [];
    const { group, version } = conversion.stored;
    return [[`${group}/${version}/${info.name}`, [{ info, convert: (object) => conversion.toServed(object) }]]];
  }),
);
