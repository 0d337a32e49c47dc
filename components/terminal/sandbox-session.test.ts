import { describe, expect, it } from "vitest";
import type { Driver, SandboxState, SandboxView } from "@/sandbox/protocol/sandbox-view";
import {
  CLOSE,
  decodeClientFrame,
  encodeHostFrame,
  type ClientFrame,
  type HostFrame,
} from "@/sandbox/protocol/terminal-frames";
import type { TaskVerdict } from "@/sandbox/protocol/verdict";
import type { Answer, SandboxApi } from "./sandbox-api";
import { SandboxSession } from "./sandbox-session";
import type { OpenSocket, SocketEvents } from "./socket";
import type { Screen } from "./terminal-link";
import type { TerminalTab } from "./terminal-tab";
import type { Timers } from "./timers";

const SANDBOX_ID = "01980000-0000-7000-8000-000000000001";
const SINCE = "2026-11-21T10:00:00.000Z";
const LATER = "2026-11-21T11:00:00.000Z";

describe("SandboxSession", () => {
  it("starts on the first keystroke, shows the steps, then sends what was typed before", async () => {
    const bed = new TestBed();
    bed.main.input("k");
    expect(bed.phase).toBe("asking");
    bed.main.input("u");
    await bed.settle();
    expect(bed.session.get()).toEqual({ phase: "starting", step: "cluster", done: [] });

    bed.event({ phase: "starting", since: SINCE, step: "shell", done: ["cluster", "workstation"] });
    expect(bed.session.get()).toMatchObject({ step: "shell", done: ["cluster", "workstation"] });

    bed.event({ phase: "ready", since: SINCE });
    await bed.settle();
    bed.host({ type: "replay", from: 0, lost: 0, preamble: new Uint8Array() }, output(0, "$ "));
    expect(bed.phase).toBe("attaching");
    expect(bed.inputs()).toBe("");

    bed.host({ type: "replayed", seq: 2 });
    expect(bed.phase).toBe("live");
    expect(bed.inputs()).toBe("ku");
    expect(bed.shown).toBe("$ ");
  });

  it("uses the tickets of the answer, so that no further request is needed", async () => {
    const bed = await TestBed.live();
    expect(bed.asked).toEqual(["start"]);
    expect(bed.opened.map((path) => new URLSearchParams(path.split("?")[1]).get("ticket"))).toEqual([
      ticketOf("events"),
      ticketOf("terminal"),
    ]);
  });

  it("asks for new tickets when the ones it was given are too old", async () => {
    const bed = new TestBed();
    bed.main.input("k");
    await bed.settle();
    bed.clock += 40_000;
    bed.event({ phase: "ready", since: SINCE });
    await bed.settle();
    expect(bed.asked).toEqual(["start", "ticket:terminal"]);
  });

  it("acknowledges what has been drawn, once it is much", async () => {
    const bed = await TestBed.live();
    bed.host(output(2, "hello"));
    expect(bed.sent("ack")).toEqual([]);
    bed.host(output(7, "y".repeat(20_000)), output(20_007, "y"));
    expect(bed.sent("ack")).toEqual([{ type: "ack", seq: 20_007 }]);
  });

  it("goes on from the last byte after the network broke, and keeps what is typed meanwhile", async () => {
    const bed = await TestBed.live();
    bed.host(output(2, "hello"));
    bed.terminal.onClose(1006);
    expect(bed.phase).toBe("reconnecting");
    bed.main.input("ls\r");

    await bed.passTime(500);
    expect(bed.opened.at(-1)).toContain("from=7");
    bed.host({ type: "replay", from: 7, lost: 0, preamble: new Uint8Array() }, { type: "replayed", seq: 7 });
    expect(bed.phase).toBe("live");
    expect(bed.inputs()).toBe("kls\r");
    expect(bed.shown).toBe("$ hello");
  });

  it("clears the screen when bytes were lost on the way", async () => {
    const bed = await TestBed.live();
    bed.terminal.onClose(1006);
    await bed.passTime(500);
    bed.host({ type: "replay", from: 900, lost: 898, preamble: new Uint8Array() }, output(900, "$ "));
    expect(bed.shown).toBe("$ ");
  });

  it("waits longer each time the network stays away", async () => {
    const bed = await TestBed.live();
    const waits: number[] = [];
    for (let i = 0; i < 4; i++) {
      bed.terminal.onClose(1006);
      waits.push(bed.nextTimer());
      await bed.passTime(bed.nextTimer());
    }
    expect(waits).toEqual([...waits].sort((a, b) => a - b));
    expect(new Set(waits).size).toBe(4);
  });

  it("says why it was stopped, and starts anew when asked to", async () => {
    const bed = await TestBed.live();
    bed.event({ phase: "stopping", since: SINCE, reason: "admin-maintenance" });
    bed.event({ phase: "stopped", since: SINCE, reason: "admin-maintenance" });
    bed.terminal.onClose(CLOSE.stopped);
    expect(bed.session.get()).toEqual({ phase: "stopped", reason: "admin-maintenance" });
    expect(bed.verdicts).toEqual([]);

    await bed.session.start();
    expect(bed.asked.filter((call) => call === "start")).toHaveLength(2);
  });

  it("stops when the learner asks for it", async () => {
    const bed = await TestBed.live();
    expect(await bed.session.stop()).toBe(true);
    expect(bed.session.get()).toEqual({ phase: "stopped", reason: "learner" });
    expect(bed.asked.at(-1)).toBe("stop");
  });

  it("asks what became of the sandbox when only the sockets say it is gone", async () => {
    const bed = await TestBed.live();
    bed.sandbox = { ...bed.sandbox, state: { phase: "stopped", since: SINCE, reason: "idle" } };
    bed.events.onClose(CLOSE.stopped);
    await bed.settle();
    expect(bed.session.get()).toEqual({ phase: "stopped", reason: "idle" });
  });

  it("names the refusal when it cannot be started, and forgets what was typed", async () => {
    const bed = new TestBed();
    bed.refuseStart = "host-full";
    bed.main.input("k");
    await bed.settle();
    expect(bed.session.get()).toEqual({ phase: "refused", code: "host-full" });
    bed.refuseStart = undefined;
    await bed.toLive();
    expect(bed.inputs()).toBe("");
  });

  it("takes up a sandbox that was there already, and keeps the emulator's answers to old output from its shell", async () => {
    const bed = new TestBed();
    bed.session.resume({ ...bed.sandbox, state: { phase: "ready", since: SINCE } });
    await bed.settle();
    bed.host({ type: "replay", from: 0, lost: 0, preamble: new Uint8Array() }, output(0, "\u001b[c\u001b[6n"));
    bed.main.fromEmulator("\u001b[?1;2c");
    bed.main.fromEmulator("\u001b[24;80R");
    bed.main.fromEmulator("l");
    bed.host({ type: "replayed", seq: 7 });
    expect(bed.inputs()).toBe("l");

    bed.main.fromEmulator("\u001b[24;80R");
    expect(bed.inputs()).toBe("l\u001b[24;80R");
  });

  it("opens a new shell in the same sandbox after the last one ended", async () => {
    const bed = await TestBed.live();
    bed.host({ type: "exit", code: 130 });
    expect(bed.session.get()).toEqual({ phase: "exited", code: 130 });
    bed.main.newShell();
    await bed.settle();
    expect(bed.opened.at(-1)).not.toContain("from=");
  });

  it("opens a second terminal in the same sandbox, with its own screen, and closes it", async () => {
    const bed = await TestBed.live();
    expect(bed.session.getTabs()).toEqual({ names: ["main"], active: "main", more: true });
    bed.session.openTab();
    expect(bed.session.getTabs()).toEqual({ names: ["main", "2"], active: "2", more: true });
    expect(bed.phase).toBe("attaching");
    const screen = recordingScreen();
    bed.session.tab("2").setScreen(screen);
    await bed.settle();
    expect(bed.opened.at(-1)).toContain("terminal=2");
    bed.host({ type: "replay", from: 0, lost: 0, preamble: new Uint8Array() }, output(0, "# "), {
      type: "replayed",
      seq: 2,
    });
    expect(screen.shown).toBe("# ");
    expect(bed.shown).toBe("$ ");
    bed.session.select("main");
    expect(bed.session.stateOf("2")).toEqual({ phase: "live" });

    await bed.session.closeTab("2");
    expect(bed.asked.at(-1)).toBe("close:2");
    expect(bed.session.getTabs().names).toEqual(["main"]);
  });

  it("shows the terminals that another page has opened", async () => {
    const bed = await TestBed.live();
    bed.sandbox = { ...bed.sandbox, terminals: ["main", "3"] };
    bed.event({ phase: "ready", since: SINCE });
    expect(bed.session.getTabs()).toMatchObject({ names: ["main", "3"], active: "main" });
  });

  it("goes back to the start of a task in a new sandbox, without a word about the old one", async () => {
    const bed = await TestBed.live();
    const phases: string[] = [];
    bed.session.subscribe(() => phases.push(bed.phase));
    const before = bed.events;
    const going = bed.session.backTo("second");
    before.onMessage(
      JSON.stringify({
        type: "sandbox",
        sandbox: { ...bed.sandbox, state: { phase: "stopped", since: SINCE, reason: "rewound" } },
      }),
    );
    bed.sandbox = { ...bed.sandbox, id: "01980000-0000-7000-8000-000000000009" };
    await going;
    expect(bed.asked).toContain("start:second");
    // In the kind of cluster whose past it goes back to, whatever is chosen for the next one.
    expect(bed.drivers).toEqual(["kind", "simulated"]);
    bed.event({ phase: "ready", since: SINCE });
    expect(bed.shown).toBe("");
    expect(phases).not.toContain("stopped");
  });

  it("puts the end off when the learner says that they are still there", async () => {
    const bed = await TestBed.live();
    expect(await bed.session.extend()).toBe(true);
    expect(bed.session.getSandbox()?.end?.at).toBe(LATER);
  });

  it("leaves frames it does not understand alone by closing the socket and trying again", async () => {
    const bed = await TestBed.live();
    bed.terminal.onMessage(new Uint8Array([0x7f]).buffer);
    expect(bed.closed).toBe(1);
  });
});

/** A session with everything around it played by hand: server, sockets, clock, screen. */
class TestBed {
  readonly session: SandboxSession;
  readonly asked: string[] = [];
  readonly drivers: (Driver | undefined)[] = [];
  readonly opened: string[] = [];
  readonly frames: ClientFrame[] = [];
  readonly #timers: { at: number; run: () => void }[] = [];
  sandbox: SandboxView = {
    id: SANDBOX_ID,
    userId: "01980000-0000-7000-8000-000000000002",
    lesson: { lessonId: "l", revision: "r" },
    driver: "simulated",
    workstation: "oci",
    state: { phase: "starting", since: SINCE, step: "cluster", done: [] },
    createdAt: SINCE,
    lastActiveAt: SINCE,
    end: null,
    terminals: ["main"],
    savedAt: null,
  };
  refuseStart: "host-full" | undefined;
  verdicts: readonly TaskVerdict[] = [];
  clock = Date.parse(SINCE);
  shown = "";
  closed = 0;
  terminal: SocketEvents = missingSocket;
  events: SocketEvents = missingSocket;

  constructor() {
    const timers: Timers = {
      now: () => this.clock,
      after: (ms, run) => {
        const timer = { at: this.clock + ms, run };
        this.#timers.push(timer);
        return () => void this.#timers.splice(this.#timers.indexOf(timer), this.#timers.includes(timer) ? 1 : 0);
      },
    };
    this.session = new SandboxSession({
      lessonId: "l",
      api: this.#api(),
      open: this.#open,
      timers,
      onVerdicts: (verdicts) => (this.verdicts = verdicts),
      cluster: () => "kind",
    });
    const screen: Screen = {
      write: (bytes, drawn) => {
        this.shown += new TextDecoder().decode(bytes);
        drawn();
      },
      reset: () => {
        this.shown = "";
      },
      resize: () => undefined,
    };
    this.main.setScreen(screen);
  }

  static async live(): Promise<TestBed> {
    const bed = new TestBed();
    bed.main.input("k");
    await bed.toLive();
    return bed;
  }

  async toLive(): Promise<void> {
    void this.session.start();
    await this.settle();
    this.event({ phase: "ready", since: SINCE });
    await this.settle();
    this.host({ type: "replay", from: 0, lost: 0, preamble: new Uint8Array() }, output(0, "$ "), {
      type: "replayed",
      seq: 2,
    });
  }

  get main(): TerminalTab {
    return this.session.tab("main");
  }

  get phase(): string {
    return this.session.get().phase;
  }

  event(state: SandboxState): void {
    this.sandbox = { ...this.sandbox, state };
    this.events.onMessage(JSON.stringify({ type: "sandbox", sandbox: this.sandbox }));
  }

  host(...frames: HostFrame[]): void {
    for (const frame of frames) this.terminal.onMessage(encodeHostFrame(frame).buffer);
  }

  sent(type: ClientFrame["type"]): ClientFrame[] {
    return this.frames.filter((frame) => frame.type === type);
  }

  inputs(): string {
    return this.frames
      .flatMap((frame) => (frame.type === "input" ? [new TextDecoder().decode(frame.bytes)] : []))
      .join("");
  }

  nextTimer(): number {
    return Math.min(...this.#timers.map((timer) => timer.at)) - this.clock;
  }

  async passTime(ms: number): Promise<void> {
    this.clock += ms;
    const due = this.#timers.filter((timer) => timer.at <= this.clock);
    for (const timer of due) {
      this.#timers.splice(this.#timers.indexOf(timer), 1);
      timer.run();
    }
    await this.settle();
  }

  async settle(): Promise<void> {
    for (let i = 0; i < 20; i++) await Promise.resolve();
  }

  #api(): SandboxApi {
    const expiresAt = () => new Date(this.clock + 30_000).toISOString();
    const ok = <T>(value: T): Answer<T> => ({ ok: true, value });
    return {
      start: (_lessonId, _size, { backTo, driver }) => {
        this.asked.push(["start", ...(backTo === undefined ? [] : [backTo])].join(":"));
        this.drivers.push(driver);
        if (this.refuseStart) return Promise.resolve({ ok: false, code: this.refuseStart });
        this.sandbox = { ...this.sandbox, state: { phase: "starting", since: SINCE, step: "cluster", done: [] } };
        return Promise.resolve(
          ok({
            sandbox: this.sandbox,
            tickets: {
              sandbox: { ticket: ticketOf("events"), expiresAt: expiresAt() },
              terminal: { ticket: ticketOf("terminal"), expiresAt: expiresAt() },
            },
          }),
        );
      },
      get: () => Promise.resolve(ok(this.sandbox)),
      extend: () => {
        this.asked.push("extend");
        this.sandbox = { ...this.sandbox, end: { at: LATER, warnAt: SINCE, reason: "idle" } };
        return Promise.resolve(ok(this.sandbox));
      },
      stop: () => {
        this.asked.push("stop");
        this.sandbox = { ...this.sandbox, state: { phase: "stopping", since: SINCE, reason: "learner" } };
        return Promise.resolve(ok(this.sandbox));
      },
      closeTerminal: (_id, terminal) => {
        this.asked.push(`close:${terminal}`);
        return Promise.resolve(ok(this.sandbox));
      },
      ticket: (_id, purpose) => {
        this.asked.push(`ticket:${purpose}`);
        return Promise.resolve(ok({ ticket: ticketOf(`new-${purpose}`), expiresAt: expiresAt() }));
      },
    };
  }

  readonly #open: OpenSocket = (path, protocol, events) => {
    this.opened.push(path);
    if (protocol === undefined) this.events = events;
    else this.terminal = events;
    return {
      send: (bytes) => {
        const decoded = decodeClientFrame(bytes);
        if (decoded.ok) this.frames.push(decoded.frame);
      },
      close: () => (this.closed += 1),
    };
  };
}

function recordingScreen(): Screen & { shown: string } {
  return {
    shown: "",
    write(bytes, drawn) {
      this.shown += new TextDecoder().decode(bytes);
      drawn();
    },
    reset() {
      this.shown = "";
    },
    resize: () => undefined,
  };
}

const missingSocket: SocketEvents = {
  onMessage: () => {
    throw new Error("no socket was opened");
  },
  onClose: () => {
    throw new Error("no socket was opened");
  },
};

function output(seq: number, text: string): HostFrame {
  return { type: "output", seq, bytes: new TextEncoder().encode(text) };
}

function ticketOf(name: string): string {
  return name.padEnd(43, "x");
}
