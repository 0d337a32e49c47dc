import { expect, it } from "vitest";
import { shownCommands } from "./shown-commands";

it("finds the commands in the order of the text", () => {
  const mdx = 'First <Run command="kubectl get pods" />\n\n<Run\n  command="wget -qO- http://shop"\n  fails\n/>\n';
  expect(shownCommands("lesson.mdx", mdx)).toEqual([
    { command: "kubectl get pods", fails: false },
    { command: "wget -qO- http://shop", fails: true },
  ]);
});

it("reads a command of several lines", () => {
  expect(shownCommands("lesson.mdx", "<Run command={`cat <<END\nhello\nEND`} />")).toEqual([
    { command: "cat <<END\nhello\nEND", fails: false },
  ]);
});

it("takes no word of a command for the mark that it fails", () => {
  expect(shownCommands("lesson.mdx", '<Run command="echo it fails here" />')[0]?.fails).toBe(false);
});

it("refuses a command it cannot read", () => {
  expect(() => shownCommands("lesson.mdx", "<Run command={text} />")).toThrow(/^lesson\.mdx: give the command as/);
});
