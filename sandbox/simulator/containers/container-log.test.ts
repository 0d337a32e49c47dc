import { describe, expect, it } from "vitest";
import { ContainerLog } from "./container-log";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

async function texts(log: ContainerLog): Promise<string[]> {
  const all: string[] = [];
  for await (const { text, complete } of log.read(false))
    all.push(new TextDecoder().decode(text) + (complete ? "" : "…"));
  return all;
}

describe("a container's log", () => {
  it("keeps lines whole however they arrive, and the unfinished one until the end", async () => {
    const log = new ContainerLog(() => 0);
    log.append("stdout", bytes("one\ntw"));
    log.append("stderr", bytes("problem\n"));
    log.append("stdout", bytes("o\nrest"));
    expect(await texts(log)).toEqual(["one", "problem", "two"]);
    log.end();
    expect(await texts(log)).toEqual(["one", "problem", "two", "rest…"]);
  });

  it("splits very long lines and forgets the oldest when it is full", async () => {
    const log = new ContainerLog(() => 0, 100_000);
    log.append("stdout", bytes(`${"x".repeat(40_000)}\n`));
    expect((await texts(log)).map((text) => text.length)).toEqual([16_385, 16_385, 7232]);
    for (let line = 0; line < 5000; line++) log.append("stdout", bytes(`line ${line}\n`));
    const kept = await texts(log);
    expect(kept.at(-1)).toBe("line 4999");
    expect(kept.length).toBeLessThan(1600);
  });
});
