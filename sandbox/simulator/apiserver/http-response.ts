import { stringify } from "yaml";
import type { KubeObject, ObjectList } from "../api/object";
import type { ApiResult, WatchEvent } from "../api/request";
import { withWholeBody } from "../api/whole-body";
import { SCALE_PRINTER } from "../registry/plain-printers";
import type { Strategy } from "../registry/strategy";
import type { AcceptedForm } from "./content";
import type { ServedResource } from "./served-resources";
import type { ServerContext } from "./server-context";
import { partialList, partialObject, tableOfList, tableOfObject, withoutColumns, type IncludeObject } from "./table";

/** How the answers to one request are written: the form that the client accepts, for one kind of object. */
export interface Answer {
  readonly form: AcceptedForm;
  object(object: ApiResult["object"]): object;
  /** An event as a line; the first of a watch of tables says what the columns are. */
  line(type: WatchEvent["type"], object: KubeObject, isFirst: boolean): Uint8Array;
  /** What has one form only: bookmarks and errors. */
  plainLine(type: WatchEvent["type"], object: object): Uint8Array;
  /** The header's texts that say so where the version is deprecated. */
  readonly deprecations: readonly string[];
  readonly watchHeaders: Headers;
}

export function answerFor(
  server: ServerContext,
  resource: ServedResource,
  form: AcceptedForm,
  include: string | null,
): Answer {
  const strategy = printingStrategy(resource);
  const included = includeOf(include);
  const isCustom = resource.custom !== undefined;
  const shape = (object: KubeObject): object => shapeObject(server, strategy, form, included, object, isCustom);
  const watchHeaders = jsonHeaders();
  const deprecations = strategy.deprecation ? [warningHeader(strategy.deprecation)] : [];
  for (const text of deprecations) watchHeaders.append("warning", text);
  return {
    form,
    object(object) {
      if (isStatus(object)) return object;
      if (object.kind !== "Scale") return shape(object);
      return form.as === "Table" ? tableOfObject(SCALE, object, included, server.clock.now()) : object;
    },
    line(type, object, isFirst) {
      const isBare = form.as === "Table" && !isFirst;
      const shaped = (): object =>
        isBare ? withoutColumns(tableOfObject(strategy, object, included, server.clock.now())) : shape(object);
      const { group, version, name } = resource.info;
      return server.lines.line(type, object, `${form.as} ${included} ${isBare} ${group}/${version}/${name}`, shaped);
    },
    plainLine: (type, object) => server.lines.write(type, object),
    deprecations,
    watchHeaders,
  };
}

const SCALE: Strategy = { printer: SCALE_PRINTER };

/** Printers know the form that objects are kept in; what is served in another is converted back for them. */
function printingStrategy({ strategy, conversion, custom }: ServedResource): Strategy {
  const { printer } = strategy;
  if (!conversion || !printer || custom) return strategy;
  return { ...strategy, printer: { ...printer, row: (object, now) => printer.row(conversion.toStored(object), now) } };
}

export function responseFor(answer: Answer, { object, code, warnings }: ApiResult): Response {
  const headers = jsonHeaders();
  for (const text of warnings) headers.append("warning", warningHeader(text));
  const shaped = answer.object(object);
  if (answer.form.encoding === "yaml") {
    headers.set("content-type", "application/yaml");
    return new Response(stringify(shaped), { status: code, headers });
  }
  const text = `${JSON.stringify(shaped)}\n`;
  return withWholeBody(new Response(text, { status: code, headers }), text);
}

export function jsonHeaders(): Headers {
  return new Headers({ "content-type": "application/json", "cache-control": "no-cache, private" });
}

/** https://www.rfc-editor.org/rfc/rfc7234#section-5.5 with the code that the API uses for all of its warnings. */
function warningHeader(text: string): string {
  const quoted = text.replace(/[\\"]/g, "\\$&").replace(/[\u0000-\u001f\u007f]/g, " ");
  // A header carries Latin-1 only; what is beyond is dropped rather than sent wrong.
  return `299 - "${quoted.replace(/[^\u0020-\u00ff]/g, "")}"`;
}

function shapeObject(
  server: ServerContext,
  strategy: Strategy,
  form: AcceptedForm,
  include: IncludeObject,
  object: KubeObject,
  isCustom: boolean,
): object {
  const now = server.clock.now();
  switch (form.as) {
    case "Table":
      return isList(object)
        ? tableOfList(strategy, object, include, now)
        : tableOfObject(strategy, object, include, now);
    case "PartialObjectMetadata":
      return isList(object) ? partialList(object) : partialObject(object);
    case "Object":
      return isList(object) && !isCustom ? { ...object, items: object.items.map(withoutType) } : object;
  }
}

/** The list says once what its items are. */
function withoutType({ apiVersion: _apiVersion, kind: _kind, ...rest }: KubeObject): object {
  return rest;
}

function isList(object: KubeObject): object is ObjectList {
  return "items" in object && Array.isArray(object.items) && (object.kind ?? "").endsWith("List");
}

function isStatus(object: ApiResult["object"]): boolean {
  return object.kind === "Status" && object.apiVersion === "v1";
}

function includeOf(text: string | null): IncludeObject {
  return text === "None" || text === "Object" ? text : "Metadata";
}
