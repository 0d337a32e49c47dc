import { SandboxError } from "../protocol/codes";
import type { TerminalCreate, TerminalView } from "../protocol/terminal-host-api";
import type { SpawnPty } from "./pty";
import { Session } from "./session";

export const MAX_TERMINALS = 2000;

/** All terminals of this host, by id. One that has ended stays until it is removed, so that its end can be seen. */
export class Terminals {
  readonly #spawn: SpawnPty;
  readonly #sessions = new Map<string, Session>();

  constructor(spawn: SpawnPty) {
    this.#spawn = spawn;
  }

  /** @throws SandboxError `already-exists` when one of this id runs, `host-full`, `start-failed` */
  create({ id, argv, scrollback, ...rest }: TerminalCreate): TerminalView {
    const existing = this.#sessions.get(id);
    if (existing?.state.phase === "running") throw new SandboxError("already-exists", `terminal ${id} runs`);
    if (!existing && this.#sessions.size >= MAX_TERMINALS)
      throw new SandboxError("host-full", `${MAX_TERMINALS} terminals`);
    existing?.closeViewers("gone");
    const session = this.#open(argv, rest, Buffer.from(scrollback, "base64"));
    this.#sessions.set(id, session);
    return viewOf(id, session);
  }

  list(): TerminalView[] {
    return [...this.#sessions].map(([id, session]) => viewOf(id, session));
  }

  /** @throws SandboxError `terminal-not-found` */
  view(id: string): TerminalView {
    return viewOf(id, this.session(id));
  }

  /** @throws SandboxError `terminal-not-found` */
  session(id: string): Session {
    const session = this.#sessions.get(id);
    if (!session) throw new SandboxError("terminal-not-found", id);
    return session;
  }

  /** Ends it and forgets it; no effect when there is none. */
  async remove(id: string): Promise<void> {
    const session = this.#sessions.get(id);
    if (!session) return;
    await session.end();
    session.closeViewers("gone");
    if (this.#sessions.get(id) === session) this.#sessions.delete(id);
  }

  /** Ends all of them, for the host itself ends. */
  async close(): Promise<void> {
    const sessions = [...this.#sessions.values()];
    for (const session of sessions) session.closeViewers("going-away");
    await Promise.all(sessions.map((session) => session.end()));
    this.#sessions.clear();
  }

  #open(
    argv: readonly string[],
    rest: Pick<TerminalCreate, "env" | "cwd" | "columns" | "rows">,
    scrollback: Uint8Array,
  ): Session {
    const [program, ...args] = argv;
    if (program === undefined) throw new SandboxError("bad-body", "argv is empty");
    try {
      const pty = this.#spawn({ argv: [program, ...args], ...rest });
      return new Session({ pty, columns: rest.columns, rows: rest.rows, scrollback });
    } catch (cause) {
      throw new SandboxError("start-failed", cause instanceof Error ? cause.message : String(cause), { cause });
    }
  }
}

function viewOf(id: string, session: Session): TerminalView {
  return {
    id,
    state: session.state,
    ...session.size,
    viewers: session.viewers,
    seq: session.seq,
    createdAt: session.createdAt.toISOString(),
    lastInputAt: session.lastInputAt?.toISOString() ?? null,
  };
}
