import { beforeEach, describe, expect, it } from "vitest";
import type { Job, JobSpec, PodSpec } from "../../api/generated/kubernetes";
import { JOBS, PODS } from "../../client/resources";
import { ControllersFixture } from "../controllers-fixture";
import { completionIndex, TRACKING_FINALIZER } from "./job-view";

const KEY = { namespace: "default", name: "work" };

describe("the job controller", () => {
  let fixture: ControllersFixture;

  beforeEach(async () => {
    fixture = await ControllersFixture.start();
  });

  const create = async (spec: Partial<JobSpec> = {}, pod: Partial<PodSpec> = {}) => {
    await fixture.client.create(JOBS, job(spec, pod));
    await fixture.cluster.settle(1000);
  };
  const status = async () => (await fixture.client.get(JOBS, KEY)).status;
  const conditions = async () =>
    ((await status())?.conditions ?? []).map(({ type, status: value, reason }) => `${type}=${value} ${reason ?? ""}`);
  const finishAll = async (exitCode: number) => {
    for (const pod of await fixture.pods()) {
      if (pod.status?.phase === "Pending" || pod.status?.phase === "Running") await fixture.finish(pod, exitCode);
    }
    await fixture.cluster.settle(1000);
  };
  const patch = async (body: unknown) => {
    await fixture.client.patch(JOBS, KEY, { type: "merge", body });
    await fixture.cluster.settle(1000);
  };

  it("runs as many pods at a time as parallelism says, until enough have succeeded", async () => {
    await create({ parallelism: 2, completions: 3 });
    expect(await fixture.names()).toHaveLength(2);
    await finishAll(0);
    expect(await status()).toMatchObject({ succeeded: 2, active: 1 });
    await finishAll(0);
    expect(await status()).toMatchObject({ succeeded: 3, ready: 0, terminating: 0, uncountedTerminatedPods: {} });
    expect(await conditions()).toEqual([
      "SuccessCriteriaMet=True CompletionsReached",
      "Complete=True CompletionsReached",
    ]);
    expect((await status())?.active).toBeUndefined();
    expect((await fixture.events("work")).at(-1)).toBe("Completed: Job completed");
  });

  it("holds a pod until it is counted, then lets it go", async () => {
    await create();
    const [pod] = await fixture.pods();
    expect(pod?.metadata.finalizers).toEqual([TRACKING_FINALIZER]);
    await finishAll(0);
    expect((await fixture.pods())[0]?.metadata.finalizers).toBeUndefined();
  });

  it("waits ten seconds after the first failure and twice as long after the next, then gives up", async () => {
    await create({ backoffLimit: 2 });
    await finishAll(1);
    expect(await status()).toMatchObject({ failed: 1 });
    expect(await fixture.names()).toHaveLength(1);
    await fixture.cluster.settle(10_000);
    expect(await fixture.names()).toHaveLength(2);
    await finishAll(1);
    await fixture.cluster.settle(10_000);
    expect(await fixture.names()).toHaveLength(2);
    await fixture.cluster.settle(10_000);
    expect(await fixture.names()).toHaveLength(3);
    await finishAll(1);
    await fixture.cluster.settle(1000);
    expect(await conditions()).toEqual(["FailureTarget=True BackoffLimitExceeded", "Failed=True BackoffLimitExceeded"]);
    expect((await fixture.events("work")).at(-1)).toBe(
      "BackoffLimitExceeded: Job has reached the specified backoff limit",
    );
  });

  it("gives each pod of an Indexed Job a number of its own", async () => {
    await create({ completionMode: "Indexed", parallelism: 3, completions: 4 });
    const pods = await fixture.pods();
    expect(pods.map(completionIndex).sort()).toEqual([0, 1, 2]);
    expect(pods.map(({ spec }) => spec?.hostname).sort()).toEqual(["work-0", "work-1", "work-2"]);
    expect(pods[0]?.spec?.containers[0]?.env?.[0]?.name).toBe("JOB_COMPLETION_INDEX");
    for (const pod of pods) if (completionIndex(pod) !== 1) await fixture.finish(pod, 0);
    await fixture.cluster.settle(1000);
    expect(await status()).toMatchObject({ completedIndexes: "0,2", succeeded: 2, active: 2 });
    await finishAll(0);
    expect(await status()).toMatchObject({ completedIndexes: "0-3", succeeded: 4 });
  });

  it("gives up one index alone where each has its own limit", async () => {
    await create({ completionMode: "Indexed", parallelism: 2, completions: 2, backoffLimitPerIndex: 1 });
    for (const pod of await fixture.pods()) await fixture.finish(pod, completionIndex(pod) === 0 ? 0 : 1);
    await fixture.cluster.settle(11_000);
    const second = (await fixture.pods()).find(({ status: state }) => state?.phase === "Pending");
    expect(second?.metadata.annotations?.["batch.kubernetes.io/job-index-failure-count"]).toBe("1");
    await finishAll(1);
    await fixture.cluster.settle(1000);
    expect(await status()).toMatchObject({ completedIndexes: "0", failedIndexes: "1", succeeded: 1, failed: 2 });
    expect(await conditions()).toEqual(["FailureTarget=True FailedIndexes", "Failed=True FailedIndexes"]);
  });

  it("fails at once, or does not count a failure, as the failure policy says", async () => {
    const rules = [
      { action: "Ignore", onPodConditions: [{ type: "DisruptionTarget", status: "True" }] },
      { action: "FailJob", onExitCodes: { operator: "In", values: [42] } },
    ];
    await create({ podFailurePolicy: { rules }, backoffLimit: 0 });
    const [first] = await fixture.pods();
    if (first) {
      await fixture.report(first, { phase: "Failed", conditions: [{ type: "DisruptionTarget", status: "True" }] });
    }
    await fixture.cluster.settle(12_000);
    expect((await status())?.failed).toBeUndefined();
    const name = (await fixture.pods()).find(({ status: state }) => state?.phase === "Pending")?.metadata.name ?? "";
    await finishAll(42);
    await fixture.cluster.settle(1000);
    expect((await status())?.conditions?.at(-1)).toMatchObject({
      type: "Failed",
      reason: "PodFailurePolicy",
      message: `Container main for pod default/${name} failed with exit code 42 matching FailJob rule at index 1`,
    });
  });

  it("takes its pods away while it is suspended, without counting them as failed", async () => {
    await create({ parallelism: 2, completions: 2 });
    await patch({ spec: { suspend: true } });
    await fixture.reap();
    await fixture.cluster.settle(1000);
    expect(await fixture.names()).toEqual([]);
    expect(await conditions()).toEqual(["Suspended=True JobSuspended"]);
    expect((await status())?.failed).toBeUndefined();
    await patch({ spec: { suspend: false } });
    expect(await conditions()).toEqual(["Suspended=False JobResumed"]);
    expect(await fixture.names()).toHaveLength(2);
    const events = (await fixture.events("work")).filter((event) => !event.startsWith("Successful"));
    expect(events).toEqual(["Suspended: Job suspended", "Resumed: Job resumed"]);
  });

  it("ends what still runs at its deadline", async () => {
    await create({ activeDeadlineSeconds: 30 });
    await fixture.cluster.settle(30_000);
    expect(await fixture.names()).toEqual([]);
    await fixture.reap();
    await fixture.cluster.settle(2000);
    expect(await conditions()).toEqual(["FailureTarget=True DeadlineExceeded", "Failed=True DeadlineExceeded"]);
    expect(await status()).toMatchObject({ failed: 1 });
  });

  it("is done early where the success policy is met, and takes the rest away", async () => {
    const successPolicy = { rules: [{ succeededIndexes: "0" }] };
    await create({ completionMode: "Indexed", parallelism: 3, completions: 3, successPolicy });
    for (const pod of await fixture.pods()) if (completionIndex(pod) === 0) await fixture.finish(pod, 0);
    await fixture.cluster.settle(2000);
    await fixture.reap();
    await fixture.cluster.settle(2000);
    expect(await conditions()).toEqual(["SuccessCriteriaMet=True SuccessPolicy", "Complete=True SuccessPolicy"]);
  });

  it("lets the pods of a Job that is gone go too", async () => {
    await create({ parallelism: 2 });
    await fixture.client.delete(JOBS, KEY, { propagationPolicy: "Background" });
    await fixture.cluster.settle(2000);
    await fixture.reap();
    await fixture.cluster.settle(2000);
    expect((await fixture.client.list(PODS, "default")).items).toEqual([]);
  });
});

function job(spec: Partial<JobSpec>, pod: Partial<PodSpec>): Job {
  const containers = [{ name: "main", image: "busybox" }];
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name: "work", namespace: "default" },
    spec: { template: { spec: { restartPolicy: "Never", containers, ...pod } }, ...spec },
  };
}
