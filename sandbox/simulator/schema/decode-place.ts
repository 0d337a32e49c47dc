import { DecodeError } from "./protobuf-reader";

/**
 * Where a reader is in a value: a link to the place around it. Warnings name places with list indexes and map keys,
 * Go's type errors by struct fields only; either text is put together when there is something to say.
 */
export interface Place {
  readonly around?: Place;
  /** `name`, `[0]`. */
  readonly step: string;
  /** The field as Go's errors name it, `VolumeSource.configMap`; none for items of a list or a map. */
  readonly goStep?: string;
  /** The struct that Go's errors name. */
  readonly struct: string;
}

export const ROOT: Place = { step: "", struct: "" };

/** `spec.containers[0].image` */
export function pathOf(place: Place, key = ""): string {
  let path = key;
  for (let at: Place | undefined = place; at; at = at.around) path = joined(at.step, path);
  return path;
}

/** `json: cannot unmarshal string into Go struct field PodSpec.spec.containers of type []v1.Container` */
export function typeError(got: string, goType: string, place: Place): DecodeError {
  let goPath = "";
  for (let at: Place | undefined = place; at; at = at.around) if (at.goStep) goPath = joined(at.goStep, goPath);
  const into = place.struct === "" ? "value" : `struct field ${place.struct}.${goPath}`;
  return new DecodeError(`json: cannot unmarshal ${got} into Go ${into} of type ${goType}`);
}

/** A value as Go's JSON errors call it. */
export function jsonKind(value: unknown): string {
  if (Array.isArray(value)) return "array";
  return typeof value === "boolean" ? "bool" : typeof value;
}

function joined(before: string, after: string): string {
  return before === "" || after === "" || after.startsWith("[") ? before + after : `${before}.${after}`;
}
