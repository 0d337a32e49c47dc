import type { Pod } from "../../api/generated/kubernetes";
import { isJsonObject } from "../../api/json";
import { AddressInUseError } from "../../network/network";
import { DerError } from "../../network/tls/der";
import { TlsAlertError, TlsError } from "../../network/tls/record-layer";
import { acceptTls, readIdentity } from "../../network/tls/server";
import { converse } from "../../network/web-server";
import { FileError } from "../filesystem/file-error";
import type { Process } from "../processes/process";
import { goFlag, untilStopped } from "./go-server";

interface Verdict {
  readonly allowed: boolean;
  readonly status?: { readonly message?: string; readonly reason?: string };
  readonly patch?: readonly object[];
}

type Judge = (object: Record<string, unknown>, process: Process) => Verdict | Promise<Verdict>;

const ALLOWED: Verdict = { allowed: true };

/** By path: what each of its webhooks thinks of an object. https://github.com/kubernetes/kubernetes/tree/master/test/images/agnhost/webhook */
const JUDGES: Readonly<Record<string, Judge | undefined>> = {
  "/always-deny": () => ({ allowed: false, status: { message: "this webhook denies all requests" } }),
  "/always-allow-delay-5s": (_, process) =>
    new Promise((resolve) => void process.clock.schedule(5000, () => resolve(ALLOWED))),
  "/add-label": (object) => ({ allowed: true, patch: [labelPatch(object)] }),
  "/pods": judgePod,
  "/mutating-pods": addInitContainer,
  "/configmaps": (object) =>
    valuesOf(object)["webhook-e2e-test"] === "webhook-disallow"
      ? { allowed: false, status: { reason: "the configmap contains unwanted key and value" } }
      : ALLOWED,
  "/mutating-configmaps": (object) => stages(object),
  "/custom-resource": (object) =>
    valuesOf(object)["webhook-e2e-test"] === "webhook-disallow"
      ? { allowed: false, status: { reason: "the custom resource contains unwanted data" } }
      : ALLOWED,
  "/mutating-custom-resource": (object) => stages(object),
};

/** `agnhost webhook`: an admission webhook with a few fixed opinions, over TLS. */
export async function webhook(process: Process, args: readonly string[]): Promise<number> {
  const port = Number(goFlag(args, "port") ?? 443);
  const identity = await identityOf(process, args);
  if (typeof identity === "string") {
    await process.complain(`panic: ${identity}\n`);
    return 2;
  }
  try {
    const listener = process.machine.network.listen({ port }, (connection) => {
      const serve = async (): Promise<void> => {
        const { stream } = await acceptTls(connection, () => identity);
        await converse(stream, { remote: connection.remote, scheme: "https" }, (request) => answer(request, process));
      };
      serve().catch((error: unknown) => {
        if (error instanceof TlsError || error instanceof TlsAlertError) {
          void process.complain(`http: TLS handshake error from ${connection.remote.address}: ${error.message}\n`);
        }
        connection.reset();
      });
    });
    process.onEnd(() => listener.close());
  } catch (error) {
    if (!(error instanceof AddressInUseError)) throw error;
    await process.complain(`panic: listen tcp :${port}: bind: address already in use\n`);
    return 2;
  }
  await untilStopped(process);
  return 0;
}

async function identityOf(process: Process, args: readonly string[]) {
  const read = (flag: string): string => process.machine.fileSystem.readText(process, goFlag(args, flag) ?? "");
  try {
    const identity = await readIdentity(read("tls-cert-file"), read("tls-private-key-file"));
    return identity ?? "tls: failed to find any PEM data in certificate input";
  } catch (error) {
    if (error instanceof FileError) return `open ${goFlag(args, "tls-cert-file") ?? ""}: no such file or directory`;
    if (error instanceof DerError) return "tls: failed to find any PEM data in certificate input";
    throw error;
  }
}

async function answer(request: Request, process: Process): Promise<Response> {
  const { pathname } = new URL(request.url);
  if (pathname === "/readyz") return new Response("ok");
  const judge = JUDGES[pathname];
  if (!judge) return new Response("404 page not found\n", { status: 404 });
  const review = await readReview(request);
  if (!review) return new Response("the request is no AdmissionReview\n", { status: 400 });
  const { object, uid, apiVersion } = review;
  const { patch, ...verdict } = await judge(object, process);
  const patched = patch?.length ? { patch: btoa(JSON.stringify(patch)), patchType: "JSONPatch" } : {};
  const response = { uid, ...verdict, ...patched };
  return Response.json({ kind: "AdmissionReview", apiVersion, response });
}

async function readReview(request: Request) {
  try {
    const review: unknown = await request.json();
    if (!isJsonObject(review) || !isJsonObject(review["request"])) return undefined;
    const { uid, object, oldObject } = review["request"];
    const subject = isJsonObject(object) ? object : oldObject;
    return { uid, object: isJsonObject(subject) ? subject : {}, apiVersion: review["apiVersion"] };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function labelPatch(object: Record<string, unknown>): object {
  const metadata = isJsonObject(object["metadata"]) ? object["metadata"] : {};
  const labels = isJsonObject(metadata["labels"]) ? metadata["labels"] : {};
  if (Object.keys(labels).length === 0) return { op: "add", path: "/metadata/labels", value: { "added-label": "yes" } };
  const op = "added-label" in labels ? "replace" : "add";
  return { op, path: "/metadata/labels/added-label", value: "yes" };
}

function judgePod(object: Pod): Verdict {
  const isMarked = object.metadata?.labels?.["webhook-e2e-test"] === "webhook-disallow";
  const isNamed = (object.spec?.containers ?? []).some(({ name }) => name.includes("webhook-disallow"));
  const complaints = [
    ...(isNamed ? ["the pod contains unwanted container name;"] : []),
    ...(isMarked ? ["the pod contains unwanted label;"] : []),
  ];
  return complaints.length === 0 ? ALLOWED : { allowed: false, status: { message: complaints.join(" ") } };
}

function addInitContainer({ metadata }: Pod): Verdict {
  if (metadata?.name !== "webhook-to-be-mutated") return ALLOWED;
  const container = { image: "webhook-added-image", name: "webhook-added-init-container", resources: {} };
  return { allowed: true, patch: [{ op: "add", path: "/spec/initContainers", value: [container] }] };
}

function stages(object: Record<string, unknown>): Verdict {
  const data = valuesOf(object);
  const add = (stage: number): object => ({ op: "add", path: `/data/mutation-stage-${stage}`, value: "yes" });
  const patch = [
    ...(data["mutation-start"] === "yes" ? [add(1)] : []),
    ...(data["mutation-stage-1"] === "yes" ? [add(2)] : []),
  ];
  return { allowed: true, patch };
}

function valuesOf({ data }: Record<string, unknown>): Record<string, unknown> {
  return isJsonObject(data) ? data : {};
}
