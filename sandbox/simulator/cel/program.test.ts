import { describe, expect, it } from "vitest";
import { celEnvironment } from "./environment";
import { CelError, compile } from "./program";

const environment = celEnvironment().registerVariable("object", "dyn");
const run = (source: string, object: unknown = {}): unknown => {
  const result = compile(source, environment);
  if (!result.ok) throw new Error(result.why);
  return result.program.run({ object });
};
const why = (source: string): string => {
  const result = compile(source, environment);
  return result.ok ? `fine: ${result.program.type}` : result.why;
};

describe("expressions", () => {
  it.each<[string, unknown]>([
    ["'v1.2'.matches('^v[0-9]+')", true],
    ["matches('abc', 'b')", true],
    ["'a1b22'.findAll('[0-9]+')", ["1", "22"]],
    ["'%s has %d'.format([object.name, 3])", "web has 3"],
    ["'a-b-c'.replace('-', '.', 1)", "a.b-c"],
    ["[1, 2, 3].sum()", 6n],
    ["['a', 'b'].isSorted()", true],
    ["sets.contains(['a', 'b'], ['b'])", true],
    ["quantity('1Gi').isGreaterThan(quantity('500Mi'))", true],
    ["quantity('1000m') == quantity('1')", true],
    ["ip('10.0.0.1').family()", 4n],
    ["cidr('10.0.0.0/8').containsIP('10.1.2.3')", true],
    ["url('https://example.com:80/a').getHost()", "example.com:80"],
    ["object.?missing.orValue(5)", 5n],
  ])("%s", (source, value) => {
    expect(run(source, { name: "web" })).toEqual(value);
  });

  it("take time in proportion to the text, whatever the pattern", () => {
    expect(run("object.text.matches('^(a+)+$')", { text: `${"a".repeat(5000)}b` })).toBe(false);
  });

  it("end when they would cost too much", () => {
    const list = Array.from({ length: 2000 }, (_, index) => BigInt(index));
    expect(() => run("object.list.all(a, object.list.all(b, a + b >= 0))", { list })).toThrow(
      new CelError("operation cancelled: actual cost limit exceeded"),
    );
  });

  it("say what they stumble over as the server does", () => {
    expect(() => run("object.spec.replicas > 1")).toThrow("no such key: spec");
    expect(() => run("object.list[4] == 1", { list: [1n] })).toThrow("index out of bounds: 4");
    expect(() => run("object.name > 5", { name: "a" })).toThrow("no such overload");
    expect(() => run("1 / 0 == 1")).toThrow("division by zero");
  });

  it.each<[string, string]>([
    ["foo.bar", "ERROR: <input>:1:1: undeclared reference to 'foo' (in container '')\n | foo.bar\n | ^"],
    [
      "1 + 'a' == 2",
      "ERROR: <input>:1:3: found no matching overload for '_+_' applied to '(int, string)'\n | 1 + 'a' == 2\n | ..^",
    ],
    [
      "'a'.startsWith(1)",
      "ERROR: <input>:1:15: found no matching overload for 'startsWith' applied to 'string.(int)'\n | 'a'.startsWith(1)\n | ..............^",
    ],
    ["foo(1)", "ERROR: <input>:1:4: undeclared reference to 'foo' (in container '')\n | foo(1)\n | ...^"],
    [
      "object.x >",
      "ERROR: <input>:1:11: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}\n | object.x >\n | ..........^",
    ],
    ["true &&\n  foo", "ERROR: <input>:2:3: undeclared reference to 'foo' (in container '')\n |   foo\n | ..^"],
    ["[1, 'a']", "ERROR: <input>:1:5: expected type 'int' but found 'string'\n | [1, 'a']\n | ....^"],
  ])("%j does not compile", (source, text) => {
    expect(why(source)).toBe(`compilation failed: ${text}`);
  });
});
