import { randomUUID } from "node:crypto";
import { spawn, type IPty } from "@lydell/node-pty";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { OciBed, findTool, reasonAgainstContainers } from "./test-bed";

const reason = reasonAgainstContainers();
if (reason !== undefined) it.skip(`the learner's shell: skipped, ${reason}`, () => undefined);

const PROMPT = "learner:~$ ";

describe.skipIf(reason !== undefined)("the learner's shell", () => {
  const bed = new OciBed();
  const workstation = bed.open();
  const id = randomUUID();
  const open: IPty[] = [];

  beforeAll(async () => {
    await workstation.prepare(() => undefined);
    await workstation.start(await bed.spec(id));
  }, 300_000);
  afterEach(() => {
    for (const pty of open.splice(0)) pty.kill("SIGKILL");
  });
  afterAll(async () => bed.clean());

  async function shell(sandboxId = id): Promise<{ pty: IPty; sees: (text: string) => Promise<string> }> {
    const { argv, env, cwd } = await workstation.command(sandboxId);
    const pty = spawn(argv[0], argv.slice(1), { env, cwd, cols: 120, rows: 30 });
    open.push(pty);
    let screen = "";
    let changed = (): void => undefined;
    pty.onData((text) => {
      screen += text;
      changed();
    });
    const sees = async (text: string): Promise<string> => {
      const deadline = Date.now() + 10_000;
      while (!plain(screen).includes(text)) {
        if (Date.now() > deadline) throw new Error(`never seen: ${text}; the screen: ${JSON.stringify(screen)}`);
        await new Promise<void>((resolve) => {
          changed = resolve;
          setTimeout(resolve, 500);
        });
      }
      const seen = plain(screen);
      screen = "";
      return seen;
    };
    await sees(PROMPT);
    return { pty, sees };
  }

  it("greets with one line and a prompt", async () => {
    const { pty, sees } = await shell();
    pty.write("cat /etc/motd; echo $SHLVL $LANG $KUBE_EDITOR\r");
    expect(await sees("1 C.UTF-8 nano")).toContain("kubectl get nodes");
  });

  it("knows its size, and a new one at once", async () => {
    const { pty, sees } = await shell();
    pty.write("stty size\r");
    await sees("30 120");
    pty.resize(99, 33);
    pty.write("stty size\r");
    await sees("33 99");
  });

  it("has job control: Ctrl-C, Ctrl-Z, fg, exit codes", async () => {
    const { pty, sees } = await shell();
    pty.write("bash -c \"echo u''p; sleep 100\"\r");
    await sees("up\r\n");
    pty.write("\u0003");
    await sees(PROMPT);
    pty.write("echo code=$?\r");
    await sees("code=130");
    pty.write("bash -c \"echo u''p; cat\"\r");
    await sees("up\r\n");
    pty.write("\u001a");
    await sees("Stopped");
    pty.write("fg\r");
    await sees("; cat");
    pty.write("again\r");
    await sees("again\r\nagain\r\n");
    pty.write("\u0004");
    await sees(PROMPT);
    pty.write("exit 42\r");
    const code = await new Promise((resolve) => pty.onExit(({ exitCode }) => resolve(exitCode)));
    expect(code).toBe(42);
  });

  it.each(["kubectl", "k"])("completes `%s` at the first Tab", async (name) => {
    const { pty, sees } = await shell();
    pty.write(`${name} versi\t`);
    await sees(`${name} version `);
    pty.write("--clie\t");
    await sees("--client");
    pty.write("\r");
    await sees("Client Version: v1.");
  });

  it.skipIf(findTool("helm") === undefined)("completes helm, and file names", async () => {
    const { pty, sees } = await shell();
    pty.write("helm versi\t");
    await sees("helm version");
    pty.write("\r");
    await sees("version.BuildInfo");
    pty.write("touch some-file; echo made-$((1))\r");
    await sees("made-1\r\n");
    pty.write("cat some-f\t");
    await sees("cat some-file");
  });

  it("edits with nano, vim and less, in colours", async () => {
    const { pty, sees } = await shell();
    pty.write("nano web.yaml\r");
    await sees("GNU nano");
    pty.write("kind: Pod\u000f\r");
    await sees("Wrote 1 line");
    pty.write("\u0018");
    await sees(PROMPT);
    pty.write("vim web.yaml\r");
    await sees("kind: Pod");
    pty.write(":q\r");
    await sees(PROMPT);
    pty.write("less /etc/profile\r");
    await sees("KUBE_EDITOR");
    pty.write("q");
    await sees(PROMPT);
    pty.write("tput colors; echo '{\"a\":1}' | jq -c .a\r");
    await sees("256\r\n1\r\n");
  });

  it("shares home and loopback with the other terminals of its workstation", async () => {
    const one = await shell();
    const two = await shell();
    one.pty.write("echo shared >note; socat TCP-LISTEN:8080,bind=127.0.0.1,fork SYSTEM:'echo from-one' &\r");
    await one.sees("[1]");
    two.pty.write("cat note; socat -u TCP:127.0.0.1:8080,retry=50,interval=0.1 -\r");
    const seen = await two.sees("from-one");
    expect(seen).toContain("shared\r\n");
  });

  it("prompts soon after the workstation was asked for", async () => {
    const times: number[] = [];
    for (let round = 0; round < 5; round++) {
      const other = randomUUID();
      const spec = await bed.spec(other);
      const began = performance.now();
      await workstation.start(spec);
      await shell(other);
      times.push(performance.now() - began);
      await workstation.remove(other);
    }
    times.sort((a, b) => a - b);
    // Aim: 150 ms on an idle machine; tests share theirs with others.
    expect(times[2]).toBeLessThan(1_000);
  });
});

/**
 * Without escape sequences, each line's end as one. When bash reads its terminal's modes before runc has set them, each
 * line ends with two carriage returns, which no terminal shows.
 */
function plain(text: string): string {
  return text
    .replace(/\u001b(\[[0-9;?]*[ -/]*[@-~]|\][^\u0007]*\u0007|[()][A-Z0-9]|[=>78cM])/g, "")
    .replace(/\r+\n/g, "\r\n");
}
