import { isJsonObject } from "../api/json";
import type { KubeObject } from "../api/object";
import type { Strategy } from "./strategy";

/** Field selectors of kinds that need nothing else of their own: names of fields of `spec`. */
export const PLAIN_FIELDS: Readonly<Record<string, NonNullable<Strategy["fields"]>>> = {
  "resource.k8s.io/resourceslices": specFields("nodeName", "driver"),
};

function specFields(...names: string[]): (object: KubeObject) => Record<string, string> {
  return (object) => {
    const spec = "spec" in object && isJsonObject(object.spec) ? object.spec : {};
    const text = (value: unknown): string => (typeof value === "string" ? value : "");
    return Object.fromEntries(names.map((name) => [`spec.${name}`, text(spec[name])]));
  };
}
