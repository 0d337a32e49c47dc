import { describe, expect, it } from "vitest";
import { TerminalModes } from "./terminal-modes";

function after(...chunks: string[]): string {
  const modes = new TerminalModes();
  for (const chunk of chunks) modes.feed(Buffer.from(chunk));
  return modes.declare().replaceAll("\u001b", "ESC");
}

describe("terminal modes", () => {
  it("are declared when they differ from those of a terminal that was just reset", () => {
    expect(after("\u001b[?1049h\u001b[?25l")).toBe("ESC[?1049hESC[?25l");
    expect(after("\u001b[?1049h", "vi", "\u001b[?1049l")).toBe("");
  });

  it("are found in sequences that set several, and in those that chunks cut", () => {
    expect(after("\u001b[?1000;1006h")).toBe("ESC[?1000hESC[?1006h");
    expect(after("\u001b", "[", "?20", "04", "h")).toBe("ESC[?2004h");
  });

  it("are forgotten at a full reset", () => {
    expect(after("\u001b[?2004h\u001b=", "\u001bc")).toBe("");
  });

  it("follow the keypad, which has sequences of its own", () => {
    expect(after("\u001b=")).toBe("ESC=");
    expect(after("\u001b=\u001b>")).toBe("");
  });

  it("are not mistaken in titles, colours and questions", () => {
    expect(after("\u001b]0;\u001b\\[?2004h\u0007", "\u001b[31m", "\u001b[?2004$p", "\u001b[25h")).toBe("");
  });

  it("tell whether the stream may be cut", () => {
    const modes = new TerminalModes();
    modes.feed(Buffer.from("text\u001b[?10"));
    expect(modes.atGround).toBe(false);
    modes.feed(Buffer.from("49h"));
    expect(modes.atGround).toBe(true);
  });
});
