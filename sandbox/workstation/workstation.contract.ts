import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { placesIn, restoreHome, saveHome } from "./home-archive";
import type { Workstation, WorkstationCommand, WorkstationSpec } from "./workstation";

/** What a test bed of an adapter provides. */
export interface WorkstationBed {
  /** A new adapter object of the same instance, as a restarted manager makes one. */
  open(): Workstation;
  /** Of another instance on the same machine. */
  openOther(): Workstation;
  spec(sandboxId: string): Promise<WorkstationSpec>;
  clean(): Promise<void>;
}

/** What every adapter of the port `Workstation` holds to. */
export function describeWorkstation(name: string, makeBed: () => Promise<WorkstationBed>): void {
  describe(`${name} workstation`, () => {
    let bed: WorkstationBed;
    let workstation: Workstation;
    let other: Workstation;
    const ids: string[] = [];

    beforeAll(async () => {
      bed = await makeBed();
      workstation = bed.open();
      other = bed.openOther();
      await workstation.prepare(() => undefined);
      await other.prepare(() => undefined);
    }, 300_000);
    afterEach(async () => {
      for (const id of ids.splice(0)) await Promise.all([workstation.remove(id), other.remove(id)]);
    });
    afterAll(async () => bed.clean());

    async function started(files: Record<string, string> = {}): Promise<string> {
      const id = newId();
      await workstation.start({ ...(await bed.spec(id)), files });
      return id;
    }

    function newId(): string {
      const id = randomUUID();
      ids.push(id);
      return id;
    }

    async function output(sandboxId: string, ...argv: string[]): Promise<string> {
      const { text } = await run(await workstation.command(sandboxId, { argv, tty: false }));
      return text;
    }

    it("is absent, runs, is stopped, is absent again", async () => {
      const id = newId();
      expect(await workstation.status(id)).toEqual({ sandboxId: id, phase: "absent" });
      await workstation.start(await bed.spec(id));
      expect(await workstation.status(id)).toEqual({ sandboxId: id, phase: "running" });
      await workstation.stop(id);
      expect(await workstation.status(id)).toEqual({ sandboxId: id, phase: "stopped" });
      await workstation.remove(id);
      expect(await workstation.status(id)).toEqual({ sandboxId: id, phase: "absent" });
      expect(await workstation.list()).toEqual([]);
    });

    it("changes nothing when it is started, stopped or removed twice", async () => {
      const id = await started();
      await output(id, "touch", "kept");
      await workstation.start(await bed.spec(id));
      expect(await output(id, "ls")).toContain("kept");
      await workstation.stop(id);
      await workstation.stop(id);
      await workstation.remove(id);
      await workstation.remove(id);
    });

    it("has the kubeconfig and the lesson's files in a home that can be written", async () => {
      const id = await started({ "web.yaml": "kind: Pod\n", "more/notes.txt": "read me" });
      expect(await output(id, "cat", "web.yaml", "more/notes.txt")).toBe("kind: Pod\nread me");
      expect(
        await output(
          id,
          "bash",
          "-c",
          "cat ~/.kube/config; stat -c %a ~/.kube/config; echo more >>web.yaml; wc -l <web.yaml",
        ),
      ).toBe(`${(await bed.spec(id)).kubeconfig}600\n2\n`);
    });

    it("has kubectl, and passes on exit codes and standard error", async () => {
      const id = await started();
      expect(await output(id, "kubectl", "version", "--client")).toMatch(/^Client Version: v1\./);
      const failed = await run(
        await workstation.command(id, { argv: ["bash", "-c", "echo bad >&2; exit 7"], tty: false }),
      );
      expect(failed).toEqual({ text: "", errors: "bad\n", code: 7 });
    });

    it("gives its processes nothing of our own environment", async () => {
      const id = await started();
      process.env["SECRET_FOR_TEST"] = "canary";
      expect(await output(id, "env")).not.toContain("canary");
      delete process.env["SECRET_FOR_TEST"];
    });

    it("begins with a fresh home when it is started after a stop", async () => {
      const id = await started();
      await output(id, "touch", "left");
      await workstation.stop(id);
      await workstation.start(await bed.spec(id));
      expect(await output(id, "ls")).toBe("");
    });

    it("ends every process when it stops", async () => {
      const id = await started();
      const { argv, env, cwd } = await workstation.command(id, {
        argv: ["bash", "-c", "trap '' HUP TERM; echo up; while :; do sleep 1; done"],
        tty: false,
      });
      const [program, ...args] = argv;
      const child = spawn(program, args, {
        env: { NODE_ENV: "test", ...env },
        cwd,
        stdio: ["ignore", "pipe", "ignore"],
      });
      const ended = new Promise((resolve) => child.on("close", resolve));
      await new Promise((resolve) => child.stdout.once("data", resolve));
      await workstation.stop(id);
      await ended;
    });

    it("is found by the next process of the same instance, which goes on with it", async () => {
      const id = await started();
      await output(id, "touch", "kept");
      const next = bed.open();
      expect(await next.list()).toEqual([{ sandboxId: id, phase: "running" }]);
      const { text } = await run(await next.command(id, { argv: ["ls"], tty: false }));
      expect(text).toBe("kept\n");
      await next.remove(id);
      expect((await workstation.status(id)).phase).toBe("absent");
    });

    it("has its home back after a save, with what changed and what is gone since, links and modes as they were", async () => {
      const id = await started({ "given.txt": "one\n" });
      const bash = (script: string): Promise<string> => output(id, "bash", "-c", script);
      await bash(
        "mkdir -p deep/er && echo x >deep/er/f && ln -s er/f deep/link && chmod 750 deep && head -c 100000 /dev/urandom >blob",
      );
      const sum = await bash("sha256sum <blob");
      const whole = await saveHome(workstation, id);
      if (!whole) throw new Error("nothing was saved");
      expect(await saveHome(workstation, id, whole.manifest)).toBeUndefined();
      await bash("rm -r deep/er; echo two >>given.txt; printf 'a\\nb' >$'odd \\n name'");
      const change = await saveHome(workstation, id, whole.manifest);
      if (!change) throw new Error("no change was saved");
      expect(change.whole).toBe(false);
      expect(change.data.length).toBeLessThan(10_000);
      await workstation.remove(id);

      const back = await started({ "given.txt": "one\n" });
      await restoreHome(workstation, back, [whole.data, change.data], "https://127.0.0.1:7000");
      const look = "cat given.txt; sha256sum <blob; readlink deep/link; stat -c %a deep; ls deep; cat $'odd \\n name'";
      expect(await output(back, "bash", "-c", look)).toBe(`one\ntwo\n${sum}er/f\n750\nlink\na\nb`);
    });

    it("has a kubeconfig after a restore that leads to where the cluster is now", async () => {
      const id = await started();
      const write = `sed -i '1a clusters:\\n- cluster:\\n    server: https://127.0.0.1:1234\\nnamespace: mine' ~/.kube/config`;
      await output(id, "bash", "-c", write);
      const save = await saveHome(workstation, id);
      await restoreHome(workstation, id, [save?.data ?? new Uint8Array()], "https://127.0.0.1:7000");
      expect(await output(id, "cat", ".kube/config")).toMatch(/server: https:\/\/127\.0\.0\.1:7000\nnamespace: mine/);
    });

    it("writes down at each prompt where a shell is and what was typed, and starts the next one there", async () => {
      const id = await started();
      await output(id, "mkdir", "deep");
      const shell = (directory?: string) => workstation.command(id, { shell: { terminal: "2", directory } });
      await run(asTyped(await shell(), "cd deep"));
      const save = await saveHome(workstation, id);
      const home = (await output(id, "bash", "-c", "cd ~ && pwd")).trim();
      expect(placesIn(save?.data ?? new Uint8Array())).toEqual({ "2": "~/deep" });
      expect(await output(id, "cat", ".bash_history")).toContain("cd deep");
      expect((await run(asTyped(await shell("~/deep"), "pwd"))).text).toContain(`${home}/deep`);
      const elsewhere = await run(asTyped(await shell("~/not-there"), "pwd"));
      expect(elsewhere.text).toContain(home);
      expect(elsewhere.text).not.toContain("not-there");
    });

    it("is neither seen nor touched by another instance", async () => {
      const id = await started();
      expect(await other.list()).toEqual([]);
      expect((await other.status(id)).phase).toBe("absent");
      await other.stop(id);
      await other.remove(id);
      await expect(other.command(id)).rejects.toMatchObject({ code: "not-running" });
      expect((await workstation.status(id)).phase).toBe("running");
      expect(await output(id, "echo", "alive")).toBe("alive\n");
    });

    it("refuses ids and paths that lead elsewhere", async () => {
      const spec = await bed.spec(randomUUID());
      const wrong: Partial<WorkstationSpec>[] = [
        { sandboxId: "../../etc" },
        { sandboxId: "" },
        { files: { "../escape": "x" } },
        { files: { "/etc/passwd": "x" } },
        { files: { "a//b": "x" } },
      ];
      for (const part of wrong) {
        await expect(workstation.start({ ...spec, ...part })).rejects.toMatchObject({ code: "bad-spec" });
      }
      await workstation.remove(spec.sandboxId);
    });

    it("has no command while it does not run", async () => {
      const id = await started();
      await workstation.stop(id);
      await expect(workstation.command(id)).rejects.toMatchObject({ code: "not-running" });
    });
  });
}

/** A shell with a terminal, into which one line is typed. */
function asTyped({ argv, env, cwd }: WorkstationCommand, line: string): WorkstationCommand {
  const quoted = argv.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
  const typing = `{ sleep 0.5; printf '%s\\r' "${line}"; sleep 0.5; printf 'exit\\r'; sleep 0.3; }`;
  return {
    argv: ["/bin/bash", "-c", `${typing} | script -qec "${quoted.replaceAll(/["$\\]/g, "\\$&")}" /dev/null`],
    env,
    cwd,
  };
}

export interface Ran {
  text: string;
  errors: string;
  code: number | null;
}

/** Runs it with pipes and no input; its environment is complete. */
export function run({ argv, env, cwd }: WorkstationCommand): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const [program, ...args] = argv;
    const child = spawn(program, args, { env: { NODE_ENV: "test", ...env }, cwd, stdio: ["ignore", "pipe", "pipe"] });
    let text = "";
    let errors = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => (errors += chunk));
    child.on("error", reject);
    child.on("close", (code) => resolve({ text, errors, code }));
  });
}
