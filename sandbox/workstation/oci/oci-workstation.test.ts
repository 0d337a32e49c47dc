import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { describeWorkstation, run } from "../workstation.contract";
import { OciBed, reasonAgainstContainers } from "./test-bed";

const reason = reasonAgainstContainers();

if (reason === undefined) {
  describeWorkstation("oci", async () => Promise.resolve(new OciBed()));

  describe("oci workstation", () => {
    it("that cannot start says what the runtime says, leaves nothing running, and can be removed", async () => {
      const bed = new OciBed();
      const tooSmall = bed.open(bed.instanceId, { memoryBytes: 4096 });
      await tooSmall.prepare(() => undefined);
      const id = randomUUID();
      const start = tooSmall.start(await bed.spec(id));
      await expect(start).rejects.toMatchObject({
        code: "start-failed",
        message: expect.stringMatching(/level=error/) as string,
      });
      expect(await tooSmall.status(id)).toEqual({ sandboxId: id, phase: "stopped" });
      await tooSmall.remove(id);
      expect(await tooSmall.list()).toEqual([]);
      await bed.clean();
    });

    it("works under a mask that keeps everybody out", async () => {
      const bed = new OciBed();
      const before = process.umask(0o077);
      try {
        const workstation = bed.open();
        await workstation.prepare(() => undefined);
        const id = randomUUID();
        await workstation.start({ ...(await bed.spec(id)), files: { "a/b.txt": "seen" } });
        const argv = [
          "bash",
          "-c",
          "cat a/b.txt; ls ~/.kube; grep -om1 __start_kubectl /usr/share/bash-completion/completions/kubectl",
        ];
        const { text } = await run(await workstation.command(id, { argv, tty: false }));
        expect(text).toContain("seenconfig\n__start_kubectl");
      } finally {
        process.umask(before);
        await bed.clean();
      }
    });

    it("wants the folder of the API socket, and prepare() before", async () => {
      const bed = new OciBed();
      const workstation = bed.open();
      const spec = await bed.spec(randomUUID());
      await expect(workstation.start(spec)).rejects.toMatchObject({ code: "not-prepared" });
      await workstation.prepare(() => undefined);
      const nowhere = { ...spec, apiSocketPath: "/nowhere/api.sock" };
      await expect(workstation.start(nowhere)).rejects.toMatchObject({ code: "bad-spec" });
      await bed.clean();
    });
  });
} else {
  it.skip(`oci workstation: skipped, ${reason}`, () => undefined);
}
