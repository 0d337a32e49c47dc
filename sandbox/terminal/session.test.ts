import { describe, expect, it } from "vitest";
import type { HostFrame } from "../protocol/terminal-frames";
import { RecordedPty } from "./recorded-pty";
import { HIGH_WATER_BYTES, MAX_VIEWERS, MAX_WATCHERS, RING_BYTES, Session } from "./session";
import type { Viewer } from "./viewer";

/** A viewer's end of the socket: it keeps the frames, and puts the output together as an emulator would see it. */
class Screen {
  readonly frames: HostFrame[] = [];
  closedWith: string | undefined;
  #stream: Buffer[] = [];

  send(frame: HostFrame): void {
    this.frames.push(frame);
    if (frame.type === "output") this.#stream.push(Buffer.from(frame.bytes));
  }

  close(reason: string): void {
    this.closedWith = reason;
  }

  get text(): string {
    return Buffer.concat(this.#stream).toString();
  }

  get received(): number {
    return Buffer.concat(this.#stream).length;
  }

  of<T extends HostFrame["type"]>(type: T): Extract<HostFrame, { type: T }>[] {
    return this.frames.filter((frame): frame is Extract<HostFrame, { type: T }> => frame.type === type);
  }
}

function open(): { pty: RecordedPty; session: Session } {
  const pty = new RecordedPty();
  return { pty, session: new Session({ pty, columns: 80, rows: 24 }) };
}

function attach(session: Session, from?: number, onlyWatches = false): { screen: Screen; viewer: Viewer } {
  const screen = new Screen();
  const viewer = session.attach(screen, from, onlyWatches);
  if (!viewer) throw new Error("not attached");
  return { screen, viewer };
}

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

describe("somebody who only watches", () => {
  it("sees what is there and what comes, and can neither type nor resize nor hold anything up", () => {
    const { pty, session } = open();
    pty.print("$ ");
    const { screen, viewer } = attach(session, undefined, true);
    expect(screen.text).toBe("$ ");
    viewer.receive({ type: "input", bytes: Buffer.from("rm -rf .") });
    viewer.receive({ type: "focus", focused: true });
    viewer.receive({ type: "resize", columns: 10, rows: 5 });
    expect(pty.written).toEqual([]);
    expect([session.size, session.lastInputAt]).toEqual([{ columns: 80, rows: 24 }, undefined]);
    // As much as would make the terminal wait for the one in front.
    pty.print("x".repeat(2 * HIGH_WATER_BYTES));
    expect(pty.paused).toBe(false);
  });

  it("takes nobody's place, and does not come to the front when the last one leaves", () => {
    const { session } = open();
    for (let index = 0; index < MAX_WATCHERS; index++) attach(session, undefined, true);
    expect(session.attach(new Screen(), undefined, true)).toBeUndefined();
    const { viewer } = attach(session);
    viewer.receive({ type: "resize", columns: 100, rows: 30 });
    expect(session.size).toEqual({ columns: 100, rows: 30 });
    viewer.detach();
    expect(session.size).toEqual({ columns: 100, rows: 30 });
  });
});

describe("a terminal's session", () => {
  it("shows the output of an earlier terminal before its own, out of whatever mode that was left in", () => {
    const pty = new RecordedPty();
    const scrollback = Buffer.from("$ vim\r\n\u001b[?1049h\u001b[?25l~");
    const session = new Session({ pty, columns: 80, rows: 24, scrollback });
    pty.print("$ ");
    const { screen } = attach(session);
    expect(screen.text).toMatch(/^\$ vim[\s\S]*~\u0018\u001b\[\?1049l\u001b\[\?25h[\s\S]*\u2500\u001b\[0m\r\n\$ $/);
    const calm = new Session({ pty: new RecordedPty(), columns: 80, rows: 24, scrollback: Buffer.from("$ ls\r\n") });
    expect(attach(calm).screen.text).not.toContain("1049");
  });

  it("gives what it still has of its output from an offset on", () => {
    const { pty, session } = open();
    pty.print("one two");
    expect(text(session.outputSince(4).bytes)).toBe("two");
    expect(session.outputSince(99)).toEqual({ from: 7, bytes: new Uint8Array(0) });
    pty.print("x".repeat(RING_BYTES));
    const { from, bytes } = session.outputSince(0);
    expect([from, bytes.length]).toEqual([7, RING_BYTES]);
  });

  it("replays what came before a viewer, then goes on live", () => {
    const { pty, session } = open();
    pty.print("one\n");
    const { screen } = attach(session);
    pty.print("two\n");
    expect(screen.text).toBe("one\ntwo\n");
    expect(screen.of("replay")).toEqual([{ type: "replay", from: 0, lost: 0, preamble: new Uint8Array(0) }]);
    expect(screen.of("replayed")).toEqual([{ type: "replayed", seq: 4 }]);
    expect(screen.of("output").map((frame) => frame.seq)).toEqual([0, 4]);
  });

  it("gives a viewer that comes back exactly the bytes it does not have", () => {
    const { pty, session } = open();
    const first = attach(session);
    pty.print("abc");
    first.viewer.detach();
    pty.print("def");
    const second = attach(session, 3);
    expect(second.screen.text).toBe("def");
    expect(second.screen.of("replay")[0]).toMatchObject({ from: 3, lost: 0 });
  });

  it("says how much is lost, resets the viewer and begins at a line when the ring has moved on", () => {
    const { pty, session } = open();
    pty.print("\u001b[?2004h");
    const line = `${"x".repeat(99)}\n`;
    for (let printed = 0; printed < RING_BYTES + 10_000; printed += line.length) pty.print(line);
    const { screen } = attach(session, 50);
    const [replay] = screen.of("replay");
    if (!replay) throw new Error("no replay");
    expect(replay.lost).toBe(replay.from - 50);
    expect((replay.from - 8) % line.length).toBe(0);
    expect(text(replay.preamble)).toBe("\u001bc\u001b[?2004h");
    expect(screen.text.startsWith("xxx")).toBe(true);
  });

  it("declares the modes as they were where the replay begins, not as they are now", () => {
    const { pty, session } = open();
    pty.print("\u001b[?1049h\u001b[?25l");
    pty.print(`${"y".repeat(1000)}\n`.repeat(400));
    pty.print("\u001b[?1049l\u001b[?25h");
    const { screen } = attach(session);
    expect(text(screen.of("replay")[0]?.preamble ?? new Uint8Array())).toBe("\u001b[?1049h\u001b[?25l");
  });

  it("pauses the terminal when the viewer in front falls behind and resumes when it has caught up", () => {
    const { pty, session } = open();
    const { screen, viewer } = attach(session);
    pty.print(Buffer.alloc(HIGH_WATER_BYTES + 5, 65));
    expect(pty.paused).toBe(true);
    expect(screen.received).toBeLessThan(HIGH_WATER_BYTES + 40_000);
    viewer.receive({ type: "ack", seq: 60_000 });
    expect(pty.paused).toBe(true);
    viewer.receive({ type: "ack", seq: 120_000 });
    expect(pty.paused).toBe(false);
    expect(screen.received).toBe(HIGH_WATER_BYTES + 5);
  });

  it("sends a viewer that draws nothing no more than the window, however much comes", () => {
    const { pty, session } = open();
    const front = attach(session);
    const stalled = attach(session);
    for (let round = 0; round < 100; round++) {
      pty.print(Buffer.alloc(30_000, 65));
      front.viewer.receive({ type: "ack", seq: session.seq });
    }
    expect(front.screen.received).toBe(3_000_000);
    expect(stalled.screen.received).toBeLessThan(HIGH_WATER_BYTES + 40_000);
    expect(pty.paused).toBe(false);
  });

  it("begins anew for a viewer that the ring has left behind, once it draws again", () => {
    const { pty, session } = open();
    const front = attach(session);
    const slow = attach(session);
    for (let round = 0; round < 100; round++) {
      pty.print(`${"z".repeat(9_999)}\n`);
      front.viewer.receive({ type: "ack", seq: session.seq });
    }
    slow.viewer.receive({ type: "ack", seq: slow.screen.received });
    const replays = slow.screen.of("replay");
    expect(replays).toHaveLength(2);
    expect(replays[1]?.lost).toBeGreaterThan(0);
    const next = slow.screen.of("output").find((frame) => frame.seq === replays[1]?.from);
    expect(next).toBeDefined();
  });

  it("runs on when nobody watches", () => {
    const { pty, session } = open();
    const { viewer } = attach(session);
    pty.print(Buffer.alloc(HIGH_WATER_BYTES * 2, 65));
    expect(pty.paused).toBe(true);
    viewer.detach();
    expect(pty.paused).toBe(false);
  });

  it("takes the size of the viewer in front and tells the others", () => {
    const { pty, session } = open();
    const one = attach(session);
    const two = attach(session);
    one.viewer.receive({ type: "resize", columns: 100, rows: 30 });
    two.viewer.receive({ type: "resize", columns: 60, rows: 20 });
    expect(pty.sizes).toEqual(["100x30"]);
    two.viewer.receive({ type: "focus", focused: true });
    expect(pty.sizes).toEqual(["100x30", "60x20"]);
    expect(one.screen.of("size").at(-1)).toEqual({ type: "size", columns: 60, rows: 20 });
    two.viewer.detach();
    expect(pty.sizes.at(-1)).toBe("100x30");
  });

  it("passes on what is typed and notes when", () => {
    const { pty, session } = open();
    const { viewer } = attach(session);
    expect(session.lastInputAt).toBeUndefined();
    viewer.receive({ type: "input", bytes: Buffer.from("ls\r") });
    expect(pty.written).toEqual(["ls\r"]);
    expect(session.lastInputAt).toBeInstanceOf(Date);
  });

  it("lets a viewer go that types faster than anybody can", () => {
    const { pty, session } = open();
    const { screen, viewer } = attach(session);
    for (let round = 0; round < 20; round++) viewer.receive({ type: "input", bytes: Buffer.alloc(60_000) });
    expect(screen.of("error")).toEqual([{ type: "error", code: "input-too-fast" }]);
    expect(screen.closedWith).toBe("too-fast");
    expect(pty.written.length).toBeLessThan(12);
    expect(session.viewers).toBe(0);
  });

  it("takes no more input while the process leaves it unread", () => {
    const { pty, session } = open();
    const { screen, viewer } = attach(session);
    pty.unreadInput = 2_000_000;
    viewer.receive({ type: "input", bytes: Buffer.from("more") });
    expect(pty.written).toEqual([]);
    expect(screen.closedWith).toBe("too-fast");
  });

  it("begins with the replay, then tells the size, then sends output", () => {
    const { pty, session } = open();
    pty.print("abc");
    const { screen } = attach(session);
    expect(screen.frames.map((frame) => frame.type)).toEqual(["replay", "size", "output", "replayed"]);
  });

  it("says the exit code after the last byte, also to who comes later", () => {
    const { pty, session } = open();
    const early = attach(session);
    pty.print("bye\n");
    pty.endWith(130);
    expect(early.screen.frames.at(-1)).toEqual({ type: "exit", code: 130 });
    const late = attach(session);
    expect(late.screen.text).toBe("bye\n");
    expect(late.screen.frames.at(-1)).toEqual({ type: "exit", code: 130 });
    expect(session.state).toEqual({ phase: "exited", code: 130 });
  });

  it("takes only so many viewers", () => {
    const { session } = open();
    for (let count = 0; count < MAX_VIEWERS; count++) attach(session);
    expect(session.attach(new Screen())).toBeUndefined();
  });

  it("ignores acknowledgements of what was never sent", () => {
    const { pty, session } = open();
    const { viewer } = attach(session);
    pty.print("abc");
    viewer.receive({ type: "ack", seq: 1_000_000 });
    expect(viewer.acknowledged).toBe(0);
  });
});
