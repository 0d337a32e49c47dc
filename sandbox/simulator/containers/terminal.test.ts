import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ExecSession } from "../api/node-api";
import { ContainerFixture } from "./container-fixture";

/** A person at a terminal: types, and waits for what the screen shows. */
class Person {
  #screen = "";
  readonly #session: ExecSession;

  constructor(session: ExecSession) {
    this.#session = session;
    void this.#watch();
  }

  async type(text: string): Promise<void> {
    await this.#session.stdin.write(new TextEncoder().encode(text));
  }

  /** Waits until the screen shows `text` after what was seen before, and gives what came up to its end. */
  async sees(text: string): Promise<string> {
    await expect.poll(() => this.#screen, { timeout: 3000, interval: 2 }).toContain(text);
    const end = this.#screen.indexOf(text) + text.length;
    const seen = this.#screen.slice(0, end);
    this.#screen = this.#screen.slice(end);
    return seen;
  }

  get session(): ExecSession {
    return this.#session;
  }

  async #watch(): Promise<void> {
    const decoder = new TextDecoder();
    for (let chunk = await this.#session.stdout.read(); chunk; chunk = await this.#session.stdout.read())
      this.#screen += decoder.decode(chunk, { stream: true });
  }
}

describe("a terminal in a container", () => {
  const fixture = new ContainerFixture();
  let busybox = "";
  let nginx = "";
  beforeAll(async () => {
    busybox = (await fixture.run("busybox", { command: ["sleep", "3600"] })).id;
    nginx = (await fixture.run("nginx")).id;
  });
  afterAll(async () => {
    await fixture.runtime.stopContainer(busybox, 0);
    await fixture.runtime.stopContainer(nginx, 0);
  });
  const sit = async (id: string, command: string[]): Promise<Person> =>
    new Person(await fixture.runtime.exec(id, { command, stdin: true, stdout: true, stderr: false, tty: true }));

  it("prompts, echoes and runs commands in busybox", async () => {
    const person = await sit(busybox, ["sh"]);
    await person.sees("/ # \x1b[6n");
    await person.type("echo hi; tty\r");
    expect(await person.sees("/ # \x1b[6n")).toBe("echo hi; tty\r\nhi\r\n/dev/pts/0\r\n/ # \x1b[6n");
    await person.type("cd /tmp\rexit 3\r");
    await person.sees("/tmp # ");
    expect((await person.session.exit).code).toBe(3);
  });

  it("prompts like dash in Debian images, where the terminal itself edits lines", async () => {
    const person = await sit(nginx, ["sh"]);
    await person.sees("# ");
    await person.type("ls /usr/share/nginx/htmx\x7fl\r");
    expect(await person.sees("# ")).toBe("ls /usr/share/nginx/htmx\b \bl\r\n50x.html  index.html\r\n# ");
    await person.type("\x04");
    expect((await person.session.exit).code).toBe(0);
  });

  it("lets bash say who and where", async () => {
    const person = await sit(nginx, ["bash"]);
    await person.sees("root@web:/# ");
    await person.type("nosuch\r");
    expect(await person.sees("root@web:/# ")).toContain("bash: nosuch: command not found\r\n");
    await person.type("exit\r");
    await person.session.exit;
  });

  it("ends the foreground command with Ctrl-C and keeps the shell", async () => {
    const person = await sit(busybox, ["sh"]);
    await person.sees("/ # \x1b[6n");
    await person.type("sleep 1000\r");
    await person.sees("sleep 1000\r\n");
    await new Promise((resolve) => setTimeout(resolve, 20));
    await person.type("\x03");
    await person.sees("^C");
    await person.sees("/ # \x1b[6n");
    await person.type("echo $?\r");
    expect(await person.sees("/ # \x1b[6n")).toBe("echo $?\r\n130\r\n/ # \x1b[6n");
    await person.type("while true; do echo spin; done\r");
    await person.sees("spin\r\nspin");
    await person.type("\x03");
    await person.sees("/ # \x1b[6n");
    await person.type("exit\r");
    expect((await person.session.exit).code).toBe(130);
  });

  it("edits the line with arrows, Ctrl keys and history", async () => {
    const person = await sit(busybox, ["sh"]);
    await person.sees("/ # \x1b[6n");
    await person.type("cho two\x01e\x05 three\x17four\r");
    expect(await person.sees("/ # \x1b[6n")).toContain("\r\ntwo four\r\n");
    await person.type("echo one\r");
    await person.sees("one\r\n/ # \x1b[6n");
    await person.type("\x1b[A\x1b[A\r");
    expect(await person.sees("/ # \x1b[6n")).toContain("\r\ntwo four\r\n");
    await person.type("echo ab\x1b[D\x1b[Dx\r");
    expect(await person.sees("/ # \x1b[6n")).toContain("\r\nxab\r\n");
    await person.type("garbage\x15echo kept\r");
    expect(await person.sees("/ # \x1b[6n")).toContain("\r\nkept\r\n");
    await person.type("\x04");
    expect((await person.session.exit).code).toBe(0);
  });

  it("completes commands and files with Tab", async () => {
    const person = await sit(busybox, ["sh"]);
    await person.sees("/ # \x1b[6n");
    await person.type("nsl\t/etc/res\t\x15cat /etc/resol\t\r");
    expect(await person.sees("options ndots:5\r\n")).toContain("nslookup /etc/resolv.conf ");
    await person.sees("/ # \x1b[6n");
    await person.type("ls /etc/r\t\t");
    await person.type("\x03exit\r");
    await person.session.exit;
  });

  it("asks for more lines until a command is whole", async () => {
    const person = await sit(busybox, ["sh"]);
    await person.sees("/ # \x1b[6n");
    await person.type("for i in 1 2\r");
    await person.sees("> ");
    await person.type("do echo n$i\r");
    await person.sees("> ");
    await person.type("done\r");
    expect(await person.sees("/ # \x1b[6n")).toContain("n1\r\nn2\r\n");
    await person.type("exit\r");
    await person.session.exit;
  });

  it("redraws the prompt when the window changes", async () => {
    const person = await sit(busybox, ["sh"]);
    await person.sees("/ # \x1b[6n");
    person.session.resize({ columns: 100, rows: 30 });
    await person.sees("\r/ # \x1b[J");
    await person.type("stty size\r");
    await person.sees("30 100\r\n");
    await person.type("exit\r");
    await person.session.exit;
  });

  it("hangs up the session's processes when the client goes", async () => {
    const person = await sit(busybox, ["sh"]);
    await person.sees("/ # \x1b[6n");
    await person.type("sleep 777\r");
    await person.sees("sleep 777\r\n");
    await new Promise((resolve) => setTimeout(resolve, 20));
    person.session.close();
    await person.session.exit;
    expect((await fixture.exec(busybox, ["sh", "-c", "ps | grep 'sleep 777' | grep -v grep"])).stdout).toBe("");
  });
});
