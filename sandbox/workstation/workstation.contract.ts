import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
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
