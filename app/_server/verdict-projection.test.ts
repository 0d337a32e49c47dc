import { describe, expect, it } from "vitest";
import { linesOf } from "./verdict-projection";

describe("linesOf", () => {
  it("puts lines together that came in pieces, even when a character was cut", async () => {
    const bytes = Buffer.from('{"name":"é"}\n{"name":"b"}\n\n{"unfinished":');
    const cut = bytes.indexOf("é") + 1;
    const pieces = [bytes.subarray(0, cut), bytes.subarray(cut, cut + 6), bytes.subarray(cut + 6)];
    const lines: string[] = [];
    for await (const line of linesOf(stream(pieces))) lines.push(line);
    expect(lines).toEqual(['{"name":"é"}', '{"name":"b"}']);
  });
});

async function* stream(pieces: readonly Buffer[]): AsyncGenerator<Buffer> {
  for (const piece of pieces) yield await Promise.resolve(piece);
}
