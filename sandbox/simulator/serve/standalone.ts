// One simulated cluster as a process of its own: `slipway sim`.
import { parseArgs } from "node:util";
import { ADDON_NAMES, isAddonName, type AddonName } from "../addons/addons";
import { ADMINISTRATOR, createCluster, type ClusterProfile } from "../cluster";
import { Core, SHARED_PROCESS } from "../containers/processes/core";
import { SystemClock } from "../clock";
import { FaultError, type Fault } from "../faults/fault";
import { parseFault } from "../faults/parse-fault";
import { OpenApiPublisher } from "../schema/openapi";
import { loadDescriptions } from "./descriptions";
import { loadImages } from "./images";
import { renderKubeconfig } from "./kubeconfig";
import { createClusterPki } from "./pki";
import { serve, type Listen } from "./serve";
import { StateFile } from "./state-file";
import { writeWhole } from "./whole-file";

interface Settings {
  readonly kubeconfig: string;
  readonly listen: Listen;
  readonly token: string | undefined;
  readonly nodes: number;
  readonly profile: ClusterProfile;
  readonly addons: readonly AddonName[];
  readonly faults: readonly Fault[];
  /** Where the cluster is kept, so that the next run goes on with it. */
  readonly state: string | undefined;
}

const USAGE =
  "usage: slipway sim --kubeconfig FILE [--port N | --socket PATH] [--token T] [--nodes N] [--addon NAME]… [--fault KIND,NAME=VALUE…]… [--profile full|control-plane] [--state FILE]";
const MAX_NODES = 50;
/** Where a relay in the workstation listens when the API server is on a unix socket. */
const RELAYED_SERVER = "https://127.0.0.1:6443";

/** A setting that makes no sense: told in one sentence, without a stack. */
class UsageError extends Error {}

/** Resolves with the exit code; while the cluster runs it does not. `argv` without program and command. */
export async function run(argv: string[]): Promise<number> {
  try {
    const settings = readSettings(argv);
    const began = performance.now();
    const running = await start(settings);
    const ms = Math.round(performance.now() - began);
    process.stdout.write(`cluster ready in ${ms} ms: KUBECONFIG=${settings.kubeconfig} (${running.url})\n`);
    await signalled("SIGTERM", "SIGINT");
    await running.cluster.stop();
    await running.server.close();
    running.keeping?.stop();
    return 0;
  } catch (error) {
    process.stderr.write(`slipway: ${sentenceFor(error)}\n`);
    return error instanceof UsageError ? 2 : 1;
  }
}

function signalled(...signals: NodeJS.Signals[]): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of signals) process.once(signal, () => resolve());
  });
}

async function start({ kubeconfig, listen, token, nodes, profile, addons, faults, state }: Settings) {
  const clock = new SystemClock();
  const file = state === undefined ? undefined : new StateFile(state);
  const kept = await file?.read();
  const pki = createClusterPki(clock.now(), kept?.authority);
  const cluster = await createCluster({
    clock,
    core: new Core(SHARED_PROCESS),
    seed: crypto.getRandomValues(new Uint32Array(1))[0] ?? 1,
    nodes,
    profile,
    addons,
    certificate: pki.ca.cert,
    signer: pki.ca,
    images: loadImages(),
    serving: pki.serving,
    snapshot: kept?.snapshot,
    openApi: new OpenApiPublisher(loadDescriptions),
    tokens: token === undefined ? undefined : new Map([[token, ADMINISTRATOR]]),
  });
  const tls = { ...pki.serving, clientCa: pki.ca.cert };
  const server = await serve(cluster.http, { listen, tls }).catch(async (error: unknown) => {
    await cluster.stop();
    throw error;
  });
  const keeping = await file?.keep(cluster, pki.ca);
  await cluster.ready();
  for (const fault of faults) cluster.faults?.inject(fault);
  const url = "socketPath" in listen ? RELAYED_SERVER : server.url;
  const user = token === undefined ? pki.admin : { token };
  writeWhole(kubeconfig, renderKubeconfig({ server: url, ca: pki.ca.cert, user }));
  return { url, cluster, server, keeping };
}

function readSettings(argv: string[]): Settings {
  const { values } = parse(argv);
  if (!values.kubeconfig) throw new UsageError(`--kubeconfig says where to write the access file. ${USAGE}`);
  if (values.port !== undefined && values.socket !== undefined) throw new UsageError(`--port or --socket, not both.`);
  const unknown = values.addon.find((name) => !isAddonName(name));
  if (unknown !== undefined) {
    throw new UsageError(`there is no add-on "${unknown}". Known are: ${ADDON_NAMES.join(", ")}.`);
  }
  const { profile } = values;
  if (profile !== "full" && profile !== "control-plane") {
    throw new UsageError(`--profile is full or control-plane, not "${profile}".`);
  }
  const port = values.port === undefined ? 0 : wholeNumber("--port", values.port, 0, 65_535);
  return {
    kubeconfig: values.kubeconfig,
    listen: values.socket === undefined ? { port } : { socketPath: values.socket },
    token: values.token,
    state: values.state,
    nodes: wholeNumber("--nodes", values.nodes, 1, MAX_NODES),
    profile,
    addons: values.addon.filter(isAddonName),
    faults: readFaults(values.fault),
  };
}

function readFaults(texts: readonly string[]): Fault[] {
  try {
    return texts.map(parseFault);
  } catch (error) {
    if (!(error instanceof FaultError)) throw error;
    throw new UsageError(`${error.message}.`, { cause: error });
  }
}

function parse(argv: string[]) {
  try {
    return parseArgs({
      args: argv,
      options: {
        kubeconfig: { type: "string" },
        port: { type: "string" },
        socket: { type: "string" },
        token: { type: "string" },
        nodes: { type: "string", default: "3" },
        addon: { type: "string", multiple: true, default: [] },
        fault: { type: "string", multiple: true, default: [] },
        profile: { type: "string", default: "full" },
        state: { type: "string" },
      },
    });
  } catch (error) {
    throw new UsageError(`${sentenceFor(error)} ${USAGE}`, { cause: error });
  }
}

function wholeNumber(flag: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < least || value > most) {
    throw new UsageError(`${flag} is a whole number from ${least} to ${most}, not "${text}".`);
  }
  return value;
}

function sentenceFor(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "EADDRINUSE") return "the port or socket is taken; choose another, or leave --port out for a free one.";
  if (code === "EACCES" || code === "ENOENT")
    return `cannot write there: ${error instanceof Error ? error.message : ""}`;
  return error instanceof Error ? error.message : String(error);
}
