import type { OpenableServices, SandboxStarted } from "@/components/terminal/sandbox-api";
import { loadChecks } from "@/course/loader";
import { loadStartState } from "@/course/start-state";
import { serviceListSchema, type ServiceList } from "@/sandbox/protocol/cluster-host-api";
import { SandboxError } from "@/sandbox/protocol/codes";
import type { Ticket, TicketPurpose } from "@/sandbox/protocol/manager-api";
import type { Driver, SandboxView } from "@/sandbox/protocol/sandbox-view";
import type { TerminalSize } from "@/sandbox/protocol/terminal-host-api";
import { config } from "./config";
import type { LessonPlace } from "./courses";
import { log } from "./log";
import { manager } from "./manager-client";
import { driverFor } from "./cluster-choice";
import { noteDeed } from "./progress";
import type { SessionUser } from "./session";

interface StartFrom {
  address: string;
  origin: string;
  terminal: TerminalSize;
  /** The task whose start the learner goes back to. */
  backTo?: string;
  /** The kind of cluster that was chosen; absent for the one that is meant without a word. */
  driver?: Driver;
}

/** Starts the sandbox of a lesson, or finds the one that runs, with tickets for both of its sockets. */
export async function startSandbox(
  user: SessionUser,
  { lesson }: LessonPlace,
  from: StartFrom,
): Promise<SandboxStarted> {
  const [started] = await Promise.all([createWithTickets(user, lesson, from), noteDeed(user.id, lesson)]);
  return started;
}

async function createWithTickets(
  user: SessionUser,
  lesson: LessonPlace["lesson"],
  from: StartFrom,
): Promise<SandboxStarted> {
  const start = loadStartState(lesson);
  const driver = await driverFor(user, lesson.id, from.driver);
  const sandbox = await manager.create({
    user: { id: user.id, kind: user.guest ? "guest" : "account" },
    address: from.address,
    lesson: { lessonId: lesson.id, revision: lesson.revision },
    driver,
    checks: loadChecks(lesson),
    addons: lesson.addons,
    faults: lesson.faults,
    startObjects: start.objects,
    files: start.files,
    terminal: from.terminal,
    from: from.backTo === undefined ? undefined : { passed: tasksBefore(lesson, from.backTo) },
  });
  const ticket = (purpose: TicketPurpose) =>
    manager.ticket({ purpose, userId: user.id, sandboxId: sandbox.id, origin: from.origin });
  const [events, terminal] = await Promise.all([ticket("sandbox"), ticket("terminal")]);
  return { sandbox, tickets: { sandbox: events, terminal } };
}

/** The tasks that come before one, the nearest first: it starts where the last of them that was passed had just been. */
function tasksBefore(lesson: LessonPlace["lesson"], taskId: string): string[] {
  const ids = lesson.tasks.map(({ id }) => id);
  const at = ids.indexOf(taskId);
  if (at === -1) throw new SandboxError("not-found", taskId);
  return ids.slice(0, at).reverse();
}

/** A sandbox of this user; other people's are as good as absent. */
export async function ownSandbox(user: SessionUser, id: string): Promise<SandboxView> {
  const sandbox = await manager.get(id);
  if (sandbox.userId !== user.id) throw new SandboxError("sandbox-not-found");
  return sandbox;
}

/**
 * What may be opened of the user's cluster, and where; then again whenever it is another.
 * @throws SandboxError before the first is asked for: `sandbox-not-found`, `sandbox-not-ready`
 */
export async function followServices(
  user: SessionUser,
  id: string,
  signal: AbortSignal,
): Promise<AsyncGenerator<OpenableServices, void>> {
  const sandbox = await ownSandbox(user, id);
  return openable(sandbox, await manager.services(sandbox.id, signal));
}

async function* openable(
  sandbox: SandboxView,
  lines: AsyncIterable<string | Buffer>,
): AsyncGenerator<OpenableServices, void> {
  for await (const line of linesOf(lines)) yield openableOf(sandbox, serviceListSchema.parse(JSON.parse(line)));
}

async function* linesOf(chunks: AsyncIterable<string | Buffer>): AsyncGenerator<string, void> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of chunks) {
    const lines = (rest + (typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true }))).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}

function openableOf(sandbox: SandboxView, { services }: ServiceList): OpenableServices {
  const canOpen = config().previewOrigin !== undefined;
  return {
    services: services
      .filter((one) => one.namespace !== "kube-system" && !isApiServer(one))
      .map((one) => ({
        ...one,
        href: canOpen ? `/previews/${sandbox.id}/${one.namespace}/${one.service}/${one.port}` : null,
      })),
  };
}

function isApiServer({ namespace, service }: { namespace: string; service: string }): boolean {
  return namespace === "default" && service === "kubernetes";
}

export async function newTicket(
  user: SessionUser,
  id: string,
  purpose: TicketPurpose,
  origin: string,
): Promise<Ticket> {
  const sandbox = await ownSandbox(user, id);
  return manager.ticket({ purpose, userId: user.id, sandboxId: sandbox.id, origin });
}

/** The user's sandbox that has not stopped. Without the manager there is none to show, and the page is whole. */
export async function currentSandbox(userId: string): Promise<SandboxView | undefined> {
  try {
    const [newest] = await manager.list({ userId, active: "1" });
    return newest;
  } catch (error) {
    log.warn({ err: error }, "manager not asked for the current sandbox");
    return undefined;
  }
}
