import { spawn } from "node:child_process";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { z } from "zod";
import { readHome, type HomeManifest } from "./home-files";
import { tarOf } from "./tar";
import { WorkstationError, type Workstation, type WorkstationCommand } from "./workstation";

export interface HomeSave {
  /** Whether it stands alone; else it is what changed since the manifest it was asked for with. */
  readonly whole: boolean;
  readonly data: Uint8Array;
  readonly manifest: HomeManifest;
}

const headerSchema = z.object({
  /** Paths that are no more. */
  gone: z.array(z.string()),
  /** Terminal → the folder its shell is in. */
  places: z.record(z.string(), z.string()),
});

/** The version of what is inside `data`: a line of JSON (`headerSchema`), then a tar.gz. */
export const HOME_FORMAT = 1;

const PATIENCE_MS = 20_000;

// A bash whose input is a socket would read the learner's .bashrc, and do what that says.
const BASH = ["/bin/bash", "--norc", "-c"];
const UNPACK = `cd ~ || exit 1
while read -r gone packed; do
  head -c "$gone" | xargs -0 -r rm -rf --
  head -c "$packed" | tar -xzp -f - || exit 1
done`;

const POINT_TO = `[[ ! -f ~/.kube/config ]] ||
  sed -i -E 's|^( *server: )https://127\\.0\\.0\\.1:[0-9]+$|\\1'"$1"'|' ~/.kube/config`;

/**
 * Saves a home: what lies on its disk, whatever runs or does not. Undefined when nothing differs from `known`.
 * @throws WorkstationError `not-running`
 */
export async function saveHome(
  workstation: Pick<Workstation, "folders">,
  sandboxId: string,
  known?: HomeManifest,
): Promise<HomeSave | undefined> {
  const { home, state } = await workstation.folders(sandboxId);
  const { manifest, changed } = await readHome(home, state, known);
  const gone = [...(known?.keys() ?? [])].filter((path) => !manifest.has(path));
  const places = [...manifest].filter(([path]) => !isFile(path));
  const moved = places.some(([path, place]) => known?.get(path) !== place);
  if (known && changed.length === 0 && gone.length === 0 && !moved) return undefined;
  const content: z.infer<typeof headerSchema> = {
    gone: gone.filter(isFile),
    places: Object.fromEntries(places.map(([path, place]) => [path.slice("place.".length), place])),
  };
  const header = Buffer.from(`${JSON.stringify(content)}\n`);
  const packed = await promisify(gzip)(tarOf(changed));
  return { whole: known === undefined, data: Buffer.concat([header, packed]), manifest };
}

/**
 * Unpacks saves over a fresh home, in order, the first of them whole. The cluster may answer elsewhere than it did:
 * `server` is put into the kubeconfig, of which everything else is as the learner left it.
 * @throws WorkstationError `not-running`, `command-failed`
 */
export async function restoreHome(
  workstation: Pick<Workstation, "command">,
  sandboxId: string,
  saves: readonly Uint8Array[],
  server: string,
): Promise<void> {
  const parts = saves.flatMap((save) => {
    const { header, packed } = parseSave(save);
    const names = zeroEnded(header.gone);
    return [Buffer.from(`${names.length} ${packed.length}\n`), names, packed];
  });
  await run(await inside(workstation, sandboxId, UNPACK), parts);
  await run(await inside(workstation, sandboxId, POINT_TO, server));
}

/** Where the shells were at that save: terminal → folder. */
export function placesIn(save: Uint8Array): Readonly<Record<string, string>> {
  return parseSave(save).header.places;
}

function parseSave(save: Uint8Array): { header: z.infer<typeof headerSchema>; packed: Uint8Array } {
  const end = save.indexOf(0x0a);
  const header = headerSchema.parse(JSON.parse(Buffer.from(save.subarray(0, end)).toString("utf8")));
  return { header, packed: save.subarray(end + 1) };
}

function isFile(path: string): boolean {
  return path.startsWith("./");
}

function inside(
  workstation: Pick<Workstation, "command">,
  sandboxId: string,
  script: string,
  ...args: string[]
): Promise<WorkstationCommand> {
  return workstation.command(sandboxId, { argv: [...BASH, script, "bash", ...args], tty: false });
}

function zeroEnded(paths: readonly string[]): Buffer {
  return Buffer.from(paths.map((path) => `${path}\0`).join(""));
}

function run({ argv, env, cwd }: WorkstationCommand, input: readonly Uint8Array[] = []): Promise<void> {
  return new Promise((resolve, reject) => {
    const [program, ...args] = argv;
    const child = spawn(program, args, {
      env: { NODE_ENV: "production", ...env },
      cwd,
      stdio: ["pipe", "ignore", "pipe"],
      timeout: PATIENCE_MS,
      killSignal: "SIGKILL",
    });
    let errors = "";
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => (errors = (errors + chunk).slice(-1_000)));
    child.stdin.on("error", () => undefined); // it ended without reading all; its exit code says why
    child.on("error", (cause) => reject(new WorkstationError("command-failed", cause.message, { cause })));
    child.on("close", (code, signal) => {
      if (code === 0) resolve();
      else reject(new WorkstationError("command-failed", `the home: ${code ?? signal}: ${errors.trim()}`));
    });
    for (const part of input) child.stdin.write(part);
    child.stdin.end();
  });
}
