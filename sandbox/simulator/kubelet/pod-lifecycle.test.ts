import { describe, expect, it } from "vitest";
import type { PodSpec } from "../api/generated/kubernetes";
import { newContainerRecord, type ContainerRecord } from "./container-record";
import { podPhase, shouldRestart } from "./pod-lifecycle";

type Life = "none" | "running" | "restarting" | number;

/** `lives` by container: not made yet, running, waiting to run again, or ended with a code. */
function phase(policy: string, lives: Record<string, Life>, more: { ending?: boolean; init?: string[] } = {}): string {
  const init = more.init ?? [];
  const spec: PodSpec = {
    restartPolicy: policy,
    initContainers: init.map((name) => ({ name })),
    containers: Object.keys(lives)
      .filter((name) => !init.includes(name))
      .map((name) => ({ name })),
  };
  const records = new Map(Object.entries(lives).map(([name, life]) => [name, recordOf(name, life)]));
  return podPhase(spec, { pod: { spec }, records, ending: more.ending ?? false, failure: undefined });
}

function recordOf(name: string, life: Life): ContainerRecord {
  const record = newContainerRecord(name);
  const made = { id: name, imageId: "", createdAt: 0 };
  const ended = (exitCode: number) => ({
    ...made,
    state: "exited" as const,
    startedAt: 0,
    finishedAt: 1,
    exitCode,
    reason: exitCode === 0 ? "Completed" : "Error",
  });
  if (life === "running") record.current = { ...made, state: "running", startedAt: 0 };
  if (life === "restarting") record.previous = ended(1);
  if (typeof life === "number") record.current = ended(life);
  return record;
}

describe("a pod's phase", () => {
  it("is Pending until every container has been started once", () => {
    expect(phase("Always", { a: "none" })).toBe("Pending");
    expect(phase("Always", { a: "running" })).toBe("Running");
    expect(phase("Always", { a: "restarting" })).toBe("Running");
  });

  it("stays Running with Always, whatever the containers do", () => {
    expect(phase("Always", { a: 0, b: 1 })).toBe("Running");
  });

  it("ends with its containers under the other policies", () => {
    expect(phase("Never", { a: 0, b: 0 })).toBe("Succeeded");
    expect(phase("Never", { a: 0, b: 2 })).toBe("Failed");
    expect(phase("Never", { a: 2, b: "running" })).toBe("Running");
    expect(phase("OnFailure", { a: 0 })).toBe("Succeeded");
    expect(phase("OnFailure", { a: 2 })).toBe("Running");
  });

  it("waits for init containers, and fails with them only when nothing is restarted", () => {
    expect(phase("Always", { i: "running", a: "none" }, { init: ["i"] })).toBe("Pending");
    expect(phase("Always", { i: 1, a: "none" }, { init: ["i"] })).toBe("Pending");
    expect(phase("Never", { i: 1, a: "none" }, { init: ["i"] })).toBe("Failed");
    expect(phase("Never", { i: 0, a: "running" }, { init: ["i"] })).toBe("Running");
  });

  it("is over for a deleted pod once all have stopped", () => {
    expect(phase("Always", { a: "running" }, { ending: true })).toBe("Running");
    expect(phase("Always", { a: 0, b: 0 }, { ending: true })).toBe("Succeeded");
    expect(phase("Always", { a: 0, b: 137 }, { ending: true })).toBe("Failed");
    expect(phase("Always", { a: "none" }, { ending: true })).toBe("Pending");
  });

  it("never comes back once it is over", () => {
    const pod = { spec: { containers: [{ name: "a" }] }, status: { phase: "Failed" } };
    expect(podPhase(pod.spec, { pod, records: new Map(), ending: false, failure: undefined })).toBe("Failed");
  });
});

describe("a restart", () => {
  it("follows the container's own policy before the pod's", () => {
    expect(shouldRestart("Always", {}, 0)).toBe(true);
    expect(shouldRestart("OnFailure", {}, 0)).toBe(false);
    expect(shouldRestart("OnFailure", {}, 1)).toBe(true);
    expect(shouldRestart("Never", {}, 1)).toBe(false);
    expect(shouldRestart("Never", { restartPolicy: "Always" }, 0)).toBe(true);
  });
});
