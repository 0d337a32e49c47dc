import { beforeEach, describe, expect, it } from "vitest";
import type { CronJob, CronJobSpec } from "../../api/generated/kubernetes";
import { controllerReference } from "../../api/owner-references";
import { CRON_JOBS, JOBS } from "../../client/resources";
import { ControllersFixture } from "../controllers-fixture";

const KEY = { namespace: "default", name: "tick" };
const MINUTE_MS = 60_000;

/** The fixture's clock starts at 2026-01-01T00:00:00Z. */
describe("the cron job controller", () => {
  let fixture: ControllersFixture;

  beforeEach(async () => {
    fixture = await ControllersFixture.start();
  });

  const create = async (spec: Partial<CronJobSpec> = {}) => {
    await fixture.client.create(CRON_JOBS, cronJob(spec));
    await fixture.cluster.settle();
  };
  const pass = (ms: number) => fixture.cluster.settle(ms);
  const jobs = async () => (await fixture.client.list(JOBS, "default")).items;
  const names = async () => (await jobs()).map(({ metadata }) => metadata.name);
  const status = async () => (await fixture.client.get(CRON_JOBS, KEY)).status;
  const finish = async (exitCode: number) => {
    for (const pod of await fixture.pods()) {
      if (pod.status?.phase === "Pending") await fixture.finish(pod, exitCode);
    }
    await pass(2000);
  };
  const minute = (time: string) => Date.parse(time) / MINUTE_MS;

  it("makes a Job at each time of its schedule, named for the time", async () => {
    await create();
    expect(await names()).toEqual([]);
    await pass(5 * MINUTE_MS + 200);
    const name = `tick-${minute("2026-01-01T00:05:00Z")}`;
    expect(await names()).toEqual([name]);
    expect((await jobs())[0]?.metadata).toMatchObject({
      labels: { from: "template" },
      annotations: { "batch.kubernetes.io/cronjob-scheduled-timestamp": "2026-01-01T00:05:00Z" },
    });
    expect(await status()).toMatchObject({ active: [{ name }], lastScheduleTime: "2026-01-01T00:05:00Z" });
    await finish(0);
    expect((await status())?.active).toBeUndefined();
    expect((await status())?.lastSuccessfulTime).toBeDefined();
    expect(await fixture.events("tick")).toEqual([
      `SuccessfulCreate: Created job ${name}`,
      `SawCompletedJob: Saw completed job: ${name}, condition: Complete`,
    ]);
  });

  it("goes by the clocks of its time zone", async () => {
    await create({ schedule: "30 6 * * *", timeZone: "Asia/Kolkata" });
    await pass(61 * MINUTE_MS);
    expect((await jobs())[0]?.metadata.annotations).toMatchObject({
      "batch.kubernetes.io/cronjob-scheduled-timestamp": "2026-01-01T06:30:00+05:30",
    });
  });

  it("runs side by side, waits, or replaces, as concurrencyPolicy says", async () => {
    await create({ concurrencyPolicy: "Forbid", schedule: "* * * * *" });
    await pass(3 * MINUTE_MS);
    expect(await names()).toHaveLength(1);
    expect(await fixture.events("tick")).toContain(
      "JobAlreadyActive: Not starting job because prior execution is running and concurrency policy is Forbid",
    );
    await fixture.client.patch(CRON_JOBS, KEY, { type: "merge", body: { spec: { concurrencyPolicy: "Replace" } } });
    await pass(MINUTE_MS);
    await fixture.reap();
    expect(await names()).toHaveLength(1);
    await fixture.client.patch(CRON_JOBS, KEY, { type: "merge", body: { spec: { concurrencyPolicy: "Allow" } } });
    await pass(2 * MINUTE_MS);
    expect(await names()).toHaveLength(3);
  });

  it("keeps as many finished Jobs as its limits say", async () => {
    await create({ schedule: "* * * * *", successfulJobsHistoryLimit: 2 });
    for (let run = 0; run < 4; run++) {
      await pass(MINUTE_MS);
      await finish(0);
    }
    await pass(1000);
    expect(await names()).toHaveLength(2);
  });

  it("starts nothing while suspended, and then only the last time it missed", async () => {
    await create({ schedule: "* * * * *", suspend: true });
    await pass(10 * MINUTE_MS);
    expect(await names()).toEqual([]);
    await fixture.client.patch(CRON_JOBS, KEY, { type: "merge", body: { spec: { suspend: false } } });
    await pass(1000);
    expect(await names()).toEqual([`tick-${minute("2026-01-01T00:10:00Z")}`]);
  });

  it("leaves out a time whose starting deadline has passed", async () => {
    await create({ schedule: "0 * * * *", startingDeadlineSeconds: 60, suspend: true });
    await pass(65 * MINUTE_MS);
    await fixture.client.patch(CRON_JOBS, KEY, { type: "merge", body: { spec: { suspend: false } } });
    await pass(1000);
    expect(await names()).toEqual([]);
  });

  it("wonders at a Job that was made by hand", async () => {
    await create();
    const owner = await fixture.client.get(CRON_JOBS, KEY);
    const metadata = { name: "manual", namespace: "default", ownerReferences: [controllerReference(owner)] };
    await fixture.client.create(JOBS, { metadata, spec: owner.spec.jobTemplate.spec });
    await pass(100);
    expect((await fixture.events("tick"))[0]).toBe(
      "UnexpectedJob: Saw a job that the controller did not create or forgot: manual",
    );
  });

  it("lets Jobs with a time to live go when it is over", async () => {
    await create({ jobTemplate: template(30) });
    await pass(5 * MINUTE_MS + 200);
    await finish(0);
    expect(await names()).toHaveLength(1);
    await pass(31_000);
    await fixture.reap();
    await pass(1000);
    expect(await names()).toEqual([]);
  });
});

function template(ttlSecondsAfterFinished?: number): CronJobSpec["jobTemplate"] {
  const pod = { spec: { restartPolicy: "Never", containers: [{ name: "main", image: "busybox" }] } };
  return { metadata: { labels: { from: "template" } }, spec: { template: pod, ttlSecondsAfterFinished } };
}

function cronJob(spec: Partial<CronJobSpec>): CronJob {
  return {
    apiVersion: "batch/v1",
    kind: "CronJob",
    metadata: { name: "tick", namespace: "default" },
    spec: { schedule: "*/5 * * * *", jobTemplate: template(), ...spec },
  };
}
