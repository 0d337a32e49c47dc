import { describe, expect, it } from "vitest";
import { FileError } from "../../filesystem/file-error";
import { Editor } from "./editor";

const START = "one two three\n  four five\n\nsix = seven(8, [9])\n";

/** An editor of one file, and what is on the disk. */
function open(text = START): { editor: Editor; type: (keys: string) => Editor; disk: Map<string, string> } {
  const disk = new Map([["f", text]]);
  const files = {
    read: (path: string): string => {
      const content = disk.get(path);
      if (content === undefined) throw new FileError("ENOENT", path);
      return content;
    },
    write: (path: string, content: string): void => void disk.set(path, content),
  };
  const editor = new Editor(files, "f", text, false);
  const type = (keys: string): Editor => {
    for (const key of keys) editor.key(key);
    return editor;
  };
  return { editor, type, disk };
}

const ESC = "\x1b";

/** What the keys make of the text: as busybox' vi does. */
const EDITS: readonly (readonly [keys: string, text: string])[] = [
  ["x", "ne two three\n  four five\n\nsix = seven(8, [9])\n"],
  ["3x", " two three\n  four five\n\nsix = seven(8, [9])\n"],
  ["wdw", "one three\n  four five\n\nsix = seven(8, [9])\n"],
  ["2dw", "three\n  four five\n\nsix = seven(8, [9])\n"],
  ["wD", "one \n  four five\n\nsix = seven(8, [9])\n"],
  ["dd", "  four five\n\nsix = seven(8, [9])\n"],
  ["2dd", "\nsix = seven(8, [9])\n"],
  ["dG", "\n"],
  ["jdGp", "one two three\n  four five\n\nsix = seven(8, [9])\n"],
  ["ddp", "  four five\none two three\n\nsix = seven(8, [9])\n"],
  ["yyP", "one two three\none two three\n  four five\n\nsix = seven(8, [9])\n"],
  ["yw$p", "one two threeone \n  four five\n\nsix = seven(8, [9])\n"],
  [`iX${ESC}`, "Xone two three\n  four five\n\nsix = seven(8, [9])\n"],
  [`aX${ESC}`, "oXne two three\n  four five\n\nsix = seven(8, [9])\n"],
  [`AX${ESC}`, "one two threeX\n  four five\n\nsix = seven(8, [9])\n"],
  [`jIX${ESC}`, "one two three\n  Xfour five\n\nsix = seven(8, [9])\n"],
  [`oX${ESC}`, "one two three\nX\n  four five\n\nsix = seven(8, [9])\n"],
  [`OX${ESC}`, "X\none two three\n  four five\n\nsix = seven(8, [9])\n"],
  [`iab\ncd${ESC}`, "ab\ncdone two three\n  four five\n\nsix = seven(8, [9])\n"],
  [`iabc\x7f\x7fX${ESC}`, "aXone two three\n  four five\n\nsix = seven(8, [9])\n"],
  [`cwX${ESC}`, "X two three\n  four five\n\nsix = seven(8, [9])\n"],
  [`wcwX${ESC}ww.`, "one X three\n  X five\n\nsix = seven(8, [9])\n"],
  [`ccX${ESC}`, "X\n  four five\n\nsix = seven(8, [9])\n"],
  [`wCX${ESC}`, "one X\n  four five\n\nsix = seven(8, [9])\n"],
  [`sX${ESC}`, "Xne two three\n  four five\n\nsix = seven(8, [9])\n"],
  ["rX", "Xne two three\n  four five\n\nsix = seven(8, [9])\n"],
  [`RXY${ESC}`, "XYe two three\n  four five\n\nsix = seven(8, [9])\n"],
  ["J", "one two three four five\n\nsix = seven(8, [9])\n"],
  ["~", "One two three\n  four five\n\nsix = seven(8, [9])\n"],
  [">>", "\tone two three\n  four five\n\nsix = seven(8, [9])\n"],
  ["j<<", "one two three\nfour five\n\nsix = seven(8, [9])\n"],
  ["ddu", START],
  [`iX${ESC}u`, START],
  ["xxuu", START],
  ["dt ", " two three\n  four five\n\nsix = seven(8, [9])\n"],
  ["df ", "two three\n  four five\n\nsix = seven(8, [9])\n"],
  ["$db", "one two e\n  four five\n\nsix = seven(8, [9])\n"],
  ["/five\nx", "one two three\n  four ive\n\nsix = seven(8, [9])\n"],
  ["/e\nnx", "one two thre\n  four five\n\nsix = seven(8, [9])\n"],
  ["?six\nx", "one two three\n  four five\n\nix = seven(8, [9])\n"],
  ["G$%x", "one two three\n  four five\n\nsix = seven8, [9])\n"],
  ["xw.", "ne wo three\n  four five\n\nsix = seven(8, [9])\n"],
  [":s/o/0/\n", "0ne two three\n  four five\n\nsix = seven(8, [9])\n"],
  [":s/o/0/g\n", "0ne tw0 three\n  four five\n\nsix = seven(8, [9])\n"],
  [":%s/\\(f[a-z]*\\)/<\\1&>/\n", "one two three\n  <four&> five\n\nsix = seven(8, [9])\n"],
  [":2,$s/ /_/g\n", "one two three\n__four_five\n\nsix_=_seven(8,_[9])\n"],
  [":3d\n", "one two three\n  four five\nsix = seven(8, [9])\n"],
  [":2,3d\n", "one two three\nsix = seven(8, [9])\n"],
  [":$\nx", "one two three\n  four five\n\nix = seven(8, [9])\n"],
  [":1,2y\nGp", `${START}one two three\n  four five\n`],
  ["majd'a", "\nsix = seven(8, [9])\n"],
];

describe("vi", () => {
  it.each(EDITS)("turns the text by %j into %j", (keys, text) => {
    expect(open().type(keys).buffer.text).toBe(text);
  });

  it("writes, and says how much", () => {
    const { type, disk } = open();
    const editor = type(`xiYES${ESC}:w\n`);
    expect(disk.get("f")).toBe(`YES${START.slice(1)}`);
    expect(editor.message?.text).toBe(`'f' 4L, ${START.length + 2}C`);
    expect(editor.exit).toBeUndefined();
    expect(type(":q\n").exit).toBe(0);
  });

  it("does not leave changes behind unless it is told so", () => {
    const { type, disk } = open();
    expect(type("x:q\n").message).toEqual({ text: "No write since last change (:q! overrides)", isError: true });
    expect(type(":q!\n").exit).toBe(0);
    expect(disk.get("f")).toBe(START);
  });

  it.each([":wq\n", ":x\n", "ZZ"])("writes and leaves by %j", (keys) => {
    const { type, disk } = open();
    expect(type(`x${keys}`).exit).toBe(0);
    expect(disk.get("f")).toBe(START.slice(1));
  });

  it("says what it cannot do", () => {
    const { type } = open();
    expect(type("/nothing\n").message?.text).toBe("Pattern not found");
    expect(type(":s/nothing/x/\n").message?.text).toBe("No match");
    expect(type(":foo\n").message?.text).toBe("'foo' is not implemented");
    expect(type(":e nowhere\n").message?.text).toContain("nowhere");
  });
});
