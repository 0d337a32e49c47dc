import type { Pod, Status } from "../api/generated/kubernetes";
import type { ContainerTarget, ExecSession, ExitStatus, NodeApi, NodeApis, TerminalSize } from "../api/node-api";
import type { Stored } from "../api/object";
import { badRequest, internalError, StatusError } from "../api/status";
import { containerNames } from "./pod-containers";

/** Which of its streams the client asked for. */
export interface AskedStreams {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly tty: boolean;
}

/** A process that waits for a client's streams, or what is told there instead of it. */
export interface OpenedSession {
  readonly asked: AskedStreams;
  readonly process: ExecSession | Status;
  /** Ends the process when no client will come. */
  cancel(): void;
}

/** Starts the process before the connection changes, so that what cannot start is an ordinary error response. */
export async function openSession(
  verb: "exec" | "attach",
  pod: Stored<Pod>,
  query: URLSearchParams,
  nodes: NodeApis,
): Promise<OpenedSession> {
  const asked = {
    stdin: isSet(query, "stdin"),
    stdout: isSet(query, "stdout"),
    stderr: isSet(query, "stderr"),
    tty: isSet(query, "tty"),
  };
  if (!asked.stdin && !asked.stdout && !asked.stderr) {
    throw badRequest("you must specify at least 1 of stdin, stdout, stderr");
  }
  const container = chooseContainer(pod, query.get("container") ?? "");
  const node = nodeOf(pod, nodes);
  const { namespace = "", name, uid } = pod.metadata;
  const target: ContainerTarget = { namespace, name, uid, container };
  const command = query.getAll("command");
  const process = await started(
    verb === "exec" ? node.exec(target, { ...asked, command }) : node.attach(target, asked),
  );
  return { asked, process, cancel: () => ("exit" in process ? process.close() : undefined) };
}

/** What goes wrong once the container was found is told inside the session, as a kubelet does. */
async function started(session: Promise<ExecSession>): Promise<ExecSession | Status> {
  try {
    return await session;
  } catch (error) {
    if (error instanceof StatusError && error.code !== 500) throw error;
    const message = error instanceof Error ? error.message : String(error);
    return {
      metadata: {},
      status: "Failure",
      reason: "InternalError",
      message,
      details: { causes: [{ message }] },
      code: 500,
    };
  }
}

export function nodeOf(pod: Stored<Pod>, nodes: NodeApis): NodeApi {
  const { nodeName } = pod.spec ?? {};
  if (!nodeName) throw badRequest(`pod ${pod.metadata.name} does not have a host assigned`);
  const node = nodes(nodeName);
  if (!node)
    throw internalError(new Error(`error dialing backend: dial tcp: lookup ${nodeName}: the node does not answer`));
  return node;
}

function chooseContainer(pod: Stored<Pod>, asked: string): string {
  const { all, main } = containerNames(pod);
  if (asked !== "") {
    if (all.includes(asked)) return asked;
    throw badRequest(`container ${asked} is not valid for pod ${pod.metadata.name}`);
  }
  if (main.length === 1) return main[0] ?? "";
  throw badRequest(
    `a container name must be specified for pod ${pod.metadata.name}, choose one of: [${main.join(" ")}]`,
  );
}

/** What the error stream says at the end of a process. */
export function exitStatus({ code, error }: ExitStatus): Status {
  if (error !== undefined) {
    // The node has put its own "Internal error occurred: " before it; so does whoever passes it on.
    return {
      metadata: {},
      status: "Failure",
      message: `Internal error occurred: ${error}`,
      reason: "InternalError",
      details: { causes: [{ message: error }] },
      code: 500,
    };
  }
  if (code === 0) return { metadata: {}, status: "Success" };
  const message = `command terminated with non-zero exit code: command terminated with exit code ${code}`;
  const causes = [{ reason: "ExitCode", message: String(code) }];
  return { metadata: {}, status: "Failure", message, reason: "NonZeroExitCode", details: { causes } };
}

/** `{"Width":80,"Height":24}` */
export function parseSize(payload: Uint8Array): TerminalSize | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(payload));
    if (typeof value !== "object" || value === null || !("Width" in value) || !("Height" in value)) return undefined;
    const { Width: columns, Height: rows } = value;
    const isSize = (one: unknown): one is number => typeof one === "number" && one > 0 && one <= 65535;
    return isSize(columns) && isSize(rows) ? { columns, rows } : undefined;
  } catch {
    // A malformed size changes nothing.
    return undefined;
  }
}

function isSet(query: URLSearchParams, name: string): boolean {
  const value = query.get(name);
  return value === "true" || value === "1";
}
