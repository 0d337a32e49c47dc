import { spawn } from "node:child_process";
import { z } from "zod";
import { WorkstationError, type Workstation, type WorkstationCommand } from "./workstation";

/**
 * What is in a home, so that a later save can tell what changed: path → type, mode, size, time, target of a link. And
 * where the shells are: `place.<terminal>` → folder.
 */
export type HomeManifest = ReadonlyMap<string, string>;

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

/** A home is capped; whatever a learner does, no more than this is ever taken from one. */
const MOST_BYTES = 96 * 1024 * 1024;
const PATIENCE_MS = 20_000;

// A bash whose input is a socket would read the learner's .bashrc, and do what that says.
const BASH = ["/bin/bash", "--norc", "-c"];
// What can be made anew is left out: kubectl's cache alone is hundreds of files.
const LIST = `for place in "$SLIPWAY_STATE"/place.*; do
  [[ -f $place ]] && printf '%s\\0%s\\0' "\${place##*/}" "$(head -c 4096 "$place")"
done 2>/dev/null
cd ~ && exec find . -xdev -mindepth 1 \\( -path ./.kube/cache -o -path ./.cache \\) -prune -o \
\\( -type f -o -type d -o -type l \\) -printf '%p\\0%y%m %s %T@ %l\\0'`;
// A file that changes while it is read is taken again next time: tar says 1 then.
const PACK = `cd ~ && { tar -cz --null --no-recursion -f - -T -; [[ $? -le 1 ]]; }`;
const UNPACK = `cd ~ || exit 1
while read -r gone packed; do
  head -c "$gone" | xargs -0 -r rm -rf --
  head -c "$packed" | tar -xzp -f - || exit 1
done`;

const POINT_TO = `[[ ! -f ~/.kube/config ]] ||
  sed -i -E 's|^( *server: )https://127\\.0\\.0\\.1:[0-9]+$|\\1'"$1"'|' ~/.kube/config`;

/**
 * Saves a home. It is read by programs inside the workstation, as the learner: a link or a pipe left there leads to
 * nothing that the learner could not read anyway. Undefined when nothing differs from `known`.
 * @throws WorkstationError `not-running`, `command-failed`
 */
export async function saveHome(
  workstation: Pick<Workstation, "command">,
  sandboxId: string,
  known?: HomeManifest,
): Promise<HomeSave | undefined> {
  const manifest = parseManifest(await run(await inside(workstation, sandboxId, LIST)));
  const changed = [...manifest].filter(([path, look]) => known?.get(path) !== look).map(([path]) => path);
  const gone = [...(known?.keys() ?? [])].filter((path) => !manifest.has(path));
  if (known && changed.length === 0 && gone.length === 0) return undefined;
  const packed = await run(await inside(workstation, sandboxId, PACK), [zeroEnded(changed.filter(isFile))]);
  const places = [...manifest].flatMap(([path, place]) =>
    isFile(path) ? [] : [[path.slice("place.".length), place] as const],
  );
  const content: z.infer<typeof headerSchema> = { gone: gone.filter(isFile), places: Object.fromEntries(places) };
  const header = Buffer.from(`${JSON.stringify(content)}\n`);
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

function parseManifest(text: Buffer): HomeManifest {
  const fields = text.toString("utf8").split("\0");
  const manifest = new Map<string, string>();
  for (let at = 0; at + 1 < fields.length; at += 2) manifest.set(fields[at] ?? "", fields[at + 1] ?? "");
  return manifest;
}

function zeroEnded(paths: readonly string[]): Buffer {
  return Buffer.from(paths.map((path) => `${path}\0`).join(""));
}

function run({ argv, env, cwd }: WorkstationCommand, input: readonly Uint8Array[] = []): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const [program, ...args] = argv;
    const child = spawn(program, args, {
      env: { NODE_ENV: "production", ...env },
      cwd,
      stdio: ["pipe", "pipe", "pipe"],
      timeout: PATIENCE_MS,
      killSignal: "SIGKILL",
    });
    const output: Buffer[] = [];
    let size = 0;
    let errors = "";
    child.stdout.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > MOST_BYTES) child.kill("SIGKILL");
      else output.push(chunk);
    });
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => (errors = (errors + chunk).slice(-1_000)));
    child.stdin.on("error", () => undefined); // it ended without reading all; its exit code says why
    child.on("error", (cause) => reject(new WorkstationError("command-failed", cause.message, { cause })));
    child.on("close", (code, signal) => {
      if (code === 0) resolve(Buffer.concat(output));
      else reject(new WorkstationError("command-failed", `the home: ${code ?? signal}: ${errors.trim()}`));
    });
    for (const part of input) child.stdin.write(part);
    child.stdin.end();
  });
}
