import type { LogOptions, NodeApis } from "../api/node-api";
import type { Pod } from "../api/generated/kubernetes";
import type { Stored } from "../api/object";
import type { PipeReader } from "../pipe";
import { badRequest, internalError, invalid } from "../api/status";
import { invalidValue } from "../api/field-error";
import type { FieldError } from "../api/field-error";
import { containerNames } from "./pod-containers";

/** `GET …/pods/x/log`. The kubelet of the pod's node has the lines. */
export async function logResponse(
  pod: Stored<Pod>,
  query: URLSearchParams,
  nodes: NodeApis,
  signal: AbortSignal,
  now: number,
): Promise<Response> {
  const options = parseLogOptions(query, now);
  const container = chooseContainer(pod, query.get("container") ?? "");
  const headers = new Headers({ "content-type": "text/plain", "cache-control": "no-cache, private" });
  const nodeName = pod.spec?.nodeName;
  // Not on a node yet: there is nothing to read, and that is no error.
  if (!nodeName) return new Response("", { status: 200, headers });
  const node = nodes(nodeName);
  if (!node) throw internalError(new Error(`the kubelet of node ${JSON.stringify(nodeName)} does not answer`));
  const { namespace = "", name, uid } = pod.metadata;
  const reader = await node.logs({ namespace, name, uid, container }, options);
  return new Response(streamOf(reader, signal), { status: 200, headers });
}

/** The one that is asked for, or the only one there is, or the one that an annotation names. */
function chooseContainer(pod: Stored<Pod>, asked: string): string {
  const { all, main } = containerNames(pod);
  if (asked !== "") {
    if (all.includes(asked)) return asked;
    throw badRequest(`container ${asked} is not valid for pod ${pod.metadata.name}`);
  }
  const [only, ...others] = main;
  if (only !== undefined && others.length === 0) return only;
  const preferred = pod.metadata.annotations?.["kubectl.kubernetes.io/default-container"];
  if (preferred && main.includes(preferred)) return preferred;
  const init = all.filter((name) => !main.includes(name));
  const list = `choose one of: [${main.join(" ")}]${init.length > 0 ? ` or one of the init containers: [${init.join(" ")}]` : ""}`;
  throw badRequest(`a container name must be specified for pod ${pod.metadata.name}, ${list}`);
}

function parseLogOptions(query: URLSearchParams, now: number): LogOptions {
  const errors: FieldError[] = [];
  const number = (name: string, least: number): number | undefined => {
    const text = query.get(name);
    if (text === null || text === "") return undefined;
    const value = Number(text);
    if (!Number.isInteger(value)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
    if (value < least) errors.push(invalidValue(name, value, `must be greater than or equal to ${least}`));
    return value;
  };
  const flag = (name: string): boolean => ["true", "1", ""].includes(query.get(name) ?? "false");
  const tailLines = number("tailLines", 0);
  const limitBytes = number("limitBytes", 1);
  const sinceSeconds = number("sinceSeconds", 1);
  const sinceTime = query.get("sinceTime");
  const since = sinceTime ? Date.parse(sinceTime) : sinceSeconds === undefined ? undefined : now - sinceSeconds * 1000;
  if (errors.length > 0) throw invalid({ group: "", kind: "PodLogOptions" }, "", errors);
  return {
    follow: flag("follow"),
    previous: flag("previous"),
    timestamps: flag("timestamps"),
    tailLines,
    limitBytes,
    since,
  };
}

function streamOf(reader: PipeReader, signal: AbortSignal): ReadableStream<Uint8Array> {
  const stop = (): void => reader.cancel();
  signal.addEventListener("abort", stop);
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const chunk = await reader.read().catch(() => undefined);
      if (chunk) controller.enqueue(chunk);
      else {
        signal.removeEventListener("abort", stop);
        controller.close();
      }
    },
    cancel: stop,
  });
}
