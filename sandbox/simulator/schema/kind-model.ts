import { shapeOfType, type Shape } from "../api/fields/shape";
import { decodeJson, decodeObject, type Decoded, type FieldValidation } from "./decode";
import { schemaFor } from "./resources";
import type { SchemaType } from "./types";

/** What the server must know of a kind to read and merge its objects, be it built in or made by a definition. */
export interface KindModel {
  /** How ownership sees its objects. */
  readonly shape: Shape;
  /** Of built-in kinds, which alone can be patched strategically. */
  readonly type?: SchemaType;
  /** As `decodeObject` and `decodeJson`. */
  decode(value: unknown, mode: FieldValidation, texts?: "json" | "converter"): Decoded;
  decodeText(text: string, mode: FieldValidation): Decoded;
}

/** A kind by name; kinds that are not built in bring their model. */
export interface KindReference {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly model?: KindModel;
}

export function modelFor({ group, version, kind, model }: KindReference): KindModel | undefined {
  if (model) return model;
  const type = schemaFor(group, version, kind);
  return type && modelOfType(type);
}

function modelOfType(type: SchemaType): KindModel {
  let model = models.get(type);
  if (!model) {
    model = {
      shape: shapeOfType(type),
      type,
      decode: (value, mode, texts) => decodeObject(type, value, mode, texts),
      decodeText: (text, mode) => decodeJson(type, text, mode),
    };
    models.set(type, model);
  }
  return model;
}

// About frozen schema data, the same for every cluster.
const models = new WeakMap<SchemaType, KindModel>();
