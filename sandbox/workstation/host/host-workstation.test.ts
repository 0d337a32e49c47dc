import { randomUUID } from "node:crypto";
import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { findTool } from "../oci/test-bed";
import { describeWorkstation, type WorkstationBed } from "../workstation.contract";
import { HostWorkstation } from "./host-workstation";

const kubectl = findTool("kubectl");
const ORDINARY_USER = 1000;

class HostBed implements WorkstationBed {
  readonly folder = mkdtempSync(join(tmpdir(), "slipway-host-"));

  /** The tests may run as root; the adapter is told another user, as its answer to root has tests of its own. */
  open(name = "one", uid = ORDINARY_USER): HostWorkstation {
    const tools = { kubectl: kubectl ?? "" };
    return new HostWorkstation({ stateDir: join(this.folder, name), cacheDir: join(this.folder, "cache"), tools, uid });
  }

  openOther(): HostWorkstation {
    return this.open("two");
  }

  spec(sandboxId: string) {
    const kubeconfig = "apiVersion: v1\nkind: Config\n";
    return Promise.resolve({ sandboxId, uidIndex: 0, apiSocketPath: "/nowhere/api.sock", kubeconfig, guest: false });
  }

  async clean(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

if (kubectl === undefined) {
  it.skip("host workstation: skipped, there is no kubectl", () => undefined);
} else {
  describeWorkstation("host", async () => Promise.resolve(new HostBed()));

  describe("host workstation", () => {
    it("is refused to root and to guests", async () => {
      const bed = new HostBed();
      await expect(bed.open("one", 0).prepare(() => undefined)).rejects.toMatchObject({ code: "host-refuses-root" });
      const workstation = bed.open();
      await workstation.prepare(() => undefined);
      const spec = await bed.spec(randomUUID());
      for (const guest of [true, undefined]) {
        await expect(workstation.start({ ...spec, guest })).rejects.toMatchObject({ code: "host-refuses-guests" });
      }
      await bed.clean();
    });
  });
}
