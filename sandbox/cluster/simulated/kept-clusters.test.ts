import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { KeptClusters } from "./kept-clusters";

const [OLD, NEWER, BROKEN] = ["0", "1", "2"].map((n) => `0198a5f0-0000-7000-8000-00000000000${n}`);
const SPEC = {
  sandboxId: OLD,
  socketPath: "/tmp/x/api.sock",
  checks: { version: 1, checks: [] },
  addons: [],
  faults: [],
};

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "slipway-kept-"));
  const write = (sandboxId: string | undefined, text: string): void => {
    mkdirSync(join(folder, sandboxId ?? ""));
    writeFileSync(join(folder, sandboxId ?? "", "spec.json"), text);
  };
  // As it was written before there was a `format`.
  write(OLD, JSON.stringify({ spec: SPEC, kubeconfig: "k" }));
  write(NEWER, JSON.stringify({ format: 2, spec: { ...SPEC, something: "new" }, kubeconfig: "k" }));
  write(BROKEN, "{");
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

it("kept clusters are taken up where they can be read, left where a later release wrote them, else removed", () => {
  const told: string[] = [];
  const left = new KeptClusters(folder).left((error) => told.push(error.message));
  expect(left.map(({ sandboxId }) => sandboxId)).toEqual([OLD]);
  expect(told).toEqual([expect.stringContaining(`${NEWER} was kept in format 2, this release reads up to 1`)]);
  expect([OLD, NEWER, BROKEN].map((sandboxId) => existsSync(join(folder, sandboxId ?? "")))).toEqual([
    true,
    true,
    false,
  ]);
});
