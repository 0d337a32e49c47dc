import { beforeEach, describe, expect, it } from "vitest";
import { formatCheckMessage } from "../protocol/check-messages";
import { checksDocumentSchema } from "../protocol/checks";
import type { TaskVerdict } from "../protocol/verdict";
import { Checker, GATHER_MS } from "./checker";
import { HandFedSource } from "./hand-fed-source";
import type { ClusterObject } from "./object-source";

const LABELS = { app: "web" };
let source: HandFedSource;

beforeEach(() => {
  source = new HandFedSource();
  source.set("Namespace", { kind: "Namespace", metadata: { name: "default" } });
});

describe("explaining one check", () => {
  const exists = { that: "exists", object: { kind: "Service", name: "web" } };

  it.each<[string, () => void, string | undefined]>([
    ["nothing is there", () => {}, "There is no Service `web` in namespace `default`."],
    [
      "it is in another namespace",
      () => source.set("Service", service({ namespace: "kube-system" })),
      "There is no Service `web` in namespace `default`, but there is one in `kube-system`.",
    ],
    [
      "a finger slipped",
      () => source.set("Service", service({ name: "wbe" })),
      "There is no Service `web` in namespace `default`. Is `wbe` meant to be it?",
    ],
    ["it is there", () => source.set("Service", service({})), undefined],
  ])("says of a missing object when %s", (_when, arrange, text) => {
    arrange();
    expect(textOf(exists)).toBe(text);
  });

  it("names the namespace when that is what is missing", () => {
    expect(textOf({ ...exists, object: { kind: "Service", name: "web", namespace: "shop" } })).toBe(
      "There is no namespace `shop`.",
    );
  });

  it("wants an object gone, and says when it is on its way", () => {
    const absent = { that: "absent", object: { kind: "Pod", name: "web-1" } };
    expect(textOf(absent)).toBeUndefined();
    source.set("Pod", pod("1", {}));
    expect(textOf(absent)).toBe("Pod `web-1` is still there.");
    source.set("Pod", pod("1", { terminating: true }));
    expect(textOf(absent)).toBe("Pod `web-1` is being deleted.");
  });

  const field = (path: string, condition: object): object => ({
    that: "field",
    object: { kind: "Service", name: "web" },
    path,
    ...condition,
  });

  it.each<[string, object, string | undefined]>([
    ["equals", field("spec.ports[0].port", { equals: 80 }), undefined],
    [
      "another value",
      field("spec.ports[0].port", { equals: 8080 }),
      "Service `web`: `spec.ports[0].port` is `80`, not `8080`.",
    ],
    [
      "a number where a text is asked for",
      field("spec.ports[0].port", { equals: "80" }),
      "Service `web`: `spec.ports[0].port` is `80`, not `80`.",
    ],
    ["an item found by name", field("spec.ports[name=http].port", { equals: 80 }), undefined],
    ["a name with dots", field('metadata.labels["a.b/c"]', { matches: "^x" }), undefined],
    [
      "a pattern",
      field("spec.type", { matches: "^Node" }),
      "Service `web`: `spec.type` is `ClusterIP`, which does not look as asked.",
    ],
    [
      "too small",
      field("spec.ports[0].port", { atLeast: 81 }),
      "Service `web`: `spec.ports[0].port` is 80; at least 81 is asked for.",
    ],
    ["large enough", field("spec.ports[0].port", { atLeast: 80 }), undefined],
    [
      "too large",
      field("spec.ports[0].port", { atMost: 79 }),
      "Service `web`: `spec.ports[0].port` is 80; at most 79 is asked for.",
    ],
    ["one of", field("spec.type", { oneOf: ["NodePort", "ClusterIP"] }), undefined],
    [
      "none of",
      field("spec.type", { oneOf: ["NodePort", "x"] }),
      "Service `web`: `spec.type` is `ClusterIP`, none of NodePort, x.",
    ],
    ["nothing", field("spec.externalName", { equals: "x" }), "Service `web`: `spec.externalName` is not set."],
    ["nothing, as asked", field("spec.externalName", { present: false }), undefined],
    ["something unwanted", field("spec.type", { present: false }), "Service `web`: `spec.type` should not be set."],
    [
      "still the same",
      field("spec.type", { notEquals: "ClusterIP" }),
      "Service `web`: `spec.type` is still `ClusterIP`.",
    ],
  ])("judges a field: %s", (_case, check, text) => {
    source.set("Service", service({}));
    expect(textOf(check)).toBe(text);
  });
});

describe("workloadReady", () => {
  const check = { that: "workloadReady", workload: { kind: "Deployment", name: "web" }, replicas: 3 };

  it("follows a Deployment from nothing to ready and names each broken link", () => {
    expect(textOf(check)).toBe("There is no Deployment `web` in namespace `default`.");
    source.set("Deployment", deployment({ replicas: 1 }));
    expect(textOf(check)).toBe("Deployment `web` has `replicas` set to 1, not 3.");
    source.set("Deployment", deployment({ replicas: 3, updated: 3, ready: 1, total: 3 }));
    source.set("ReplicaSet", replicaSet());
    source.set("Pod", pod("1", { ready: true }));
    source.set("Pod", pod("2", { waiting: "ContainerCreating" }));
    expect(textOf(check)).toBe("Deployment `web`: 1 of 3 pods are ready.");
    source.set("Pod", pod("2", { waiting: "ImagePullBackOff" }));
    expect(textOf(check)).toBe("Pod `web-2` cannot pull the image `ngnix`.");
    source.set("Pod", pod("2", { waiting: "CrashLoopBackOff" }));
    expect(textOf(check)).toBe("Container `app` in pod `web-2` keeps ending with exit code 3.");
    source.set("Pod", pod("3", { unschedulable: "0/3 nodes are available: 3 Insufficient cpu." }));
    expect(textOf(check)).toBe("Pod `web-3` has no node yet: 0/3 nodes are available: 3 Insufficient cpu.");
    source.set("Deployment", deployment({ replicas: 3, updated: 3, ready: 3, total: 3 }));
    expect(textOf(check)).toBeUndefined();
  });

  it("does not pass on the status of an older spec", () => {
    source.set("Deployment", deployment({ replicas: 3, updated: 3, ready: 3, total: 3, observed: 1, generation: 2 }));
    expect(textOf(check)).toBe("Deployment `web`: 3 of 3 pods are ready.");
  });

  it("waits for old pods to go, and says when a rollout is paused", () => {
    source.set("Deployment", deployment({ replicas: 3, updated: 3, ready: 3, total: 4 }));
    expect(textOf(check)).toBe("Deployment `web` asks for 3 pods and still has 4.");
    source.set("Deployment", deployment({ replicas: 3, updated: 1, ready: 3, total: 3 }));
    expect(textOf(check)).toBe("Deployment `web` is still replacing pods: 1 of 3 are new.");
    source.set("Deployment", deployment({ replicas: 3, updated: 1, ready: 3, total: 3, paused: true }));
    expect(textOf(check)).toBe("Deployment `web` is paused: `kubectl rollout resume` lets it go on.");
  });
});

describe("serviceSelects", () => {
  const check = {
    that: "serviceSelects",
    service: { name: "web" },
    workload: { kind: "Deployment", name: "web" },
    ready: 2,
  };

  it("names the first broken link between Service and pods", () => {
    expect(textOf(check)).toBe("There is no Service `web` in namespace `default`.");
    source.set("Service", service({ selector: {} }));
    expect(textOf(check)).toBe("Service `web` has no selector.");
    source.set("Service", service({ selector: { app: "wep" } }));
    source.set("Deployment", deployment({ replicas: 2, updated: 2, ready: 0, total: 2 }));
    source.set("ReplicaSet", replicaSet());
    source.set("Pod", pod("1", {}));
    source.set("Pod", {
      kind: "Pod",
      metadata: { name: "other", namespace: "default", uid: "o", labels: { app: "db", tier: "x" } },
    });
    expect(textOf(check)).toBe("Service `web` selects app=wep: no pod has that label.");
    source.set("Service", service({ selector: { app: "web", tier: "x" } }));
    expect(textOf(check)).toBe("Service `web` selects app=web,tier=x: no pod has these labels together.");
    source.set("Service", service({ selector: { app: "db" } }));
    expect(textOf(check)).toBe("Service `web` selects app=db, but the pods of Deployment `web` have app=web.");
    source.set("Service", service({}));
    expect(textOf(check)).toBe("Service `web` selects 1 of the 2 pods it should.");
    source.set("Pod", pod("2", { ready: true }));
    expect(textOf(check)).toBe("Service `web`: of 2 selected pods 1 are ready; it takes 2.");
    source.set("Pod", pod("1", { ready: true }));
    expect(textOf(check)).toBeUndefined();
  });
});

describe("endpointsReady", () => {
  const check = { that: "endpointsReady", service: { name: "web" }, port: 80, ready: 2 };

  it("counts ready addresses behind the port and explains their absence", () => {
    source.set("Service", service({ targetPort: "web-port" }));
    source.set("Pod", pod("1", { ready: true }));
    source.set("Pod", pod("2", { ready: true }));
    expect(textOf({ ...check, port: 81 })).toBe("Service `web` has no port 81; it has 80.");
    expect(textOf(check)).toBe("Service `web` sends to the port named `web-port`: no container has one of that name.");
    source.set("Service", service({}));
    expect(textOf(check)).toBe("Service `web` has 0 of 2 ready addresses.");
    source.set("EndpointSlice", slice(["10.244.1.2", true], ["10.244.1.3", false]));
    expect(textOf(check)).toBe("Service `web` has 1 of 2 ready addresses.");
    source.set("EndpointSlice", slice(["10.244.1.2", true], ["10.244.1.3", true]));
    expect(textOf(check)).toBeUndefined();
  });
});

describe("podReplaced", () => {
  const check = { that: "podReplaced", workload: { kind: "Deployment", name: "web" } };

  it("passes when a ready pod has gone and a later one of the same controller is ready", () => {
    const watch = watchCheck(check);
    source.set("Deployment", deployment({ replicas: 2 }));
    source.set("ReplicaSet", replicaSet());
    source.set("Pod", pod("1", {}));
    source.set("Pod", pod("2", {}));
    expect(watch.text()).toBe("Deployment `web` has had no ready pod yet.");
    source.set("Pod", pod("1", { ready: true }));
    source.set("Pod", pod("2", { ready: true }));
    expect(watch.text()).toBe("All pods of Deployment `web` are the first ones. Delete one.");
    source.set("Pod", pod("1", { ready: true, terminating: true }));
    source.set("Pod", pod("3", {}));
    expect(watch.text()).toBe("A pod of Deployment `web` is gone; the one in its place is not ready yet.");
    source.remove("Pod", pod("1", { terminating: true }));
    source.set("Pod", pod("3", { ready: true }));
    expect(watch.text()).toBeUndefined();
  });

  it("does not count a pod that was never ready, nor one that another ReplicaSet replaces", () => {
    const watch = watchCheck(check);
    source.set("Deployment", deployment({ replicas: 1 }));
    source.set("ReplicaSet", replicaSet());
    source.set("ReplicaSet", replicaSet("rs-2"));
    source.set("Pod", pod("1", {}));
    source.remove("Pod", pod("1", {}));
    source.set("Pod", pod("2", { ready: true }));
    expect(watch.text()).toBe("All pods of Deployment `web` are the first ones. Delete one.");
    source.set("Pod", pod("2", { terminating: true }));
    source.set("Pod", pod("3", { ready: true, owner: "rs-2" }));
    expect(watch.text()).toBe("A pod of Deployment `web` is gone; the one in its place is not ready yet.");
  });

  it("sees after a broken watch that a pod has gone", () => {
    const watch = watchCheck(check);
    source.set("Deployment", deployment({ replicas: 1 }));
    source.set("ReplicaSet", replicaSet());
    source.set("Pod", pod("1", { ready: true }));
    source.relist("Pod", [pod("2", { ready: true })]);
    expect(watch.text()).toBeUndefined();
  });
});

describe("a checker", () => {
  const document = checksDocumentSchema.parse({
    version: 1,
    checks: [
      { id: "a", task: "one", that: "exists", object: { kind: "Service", name: "web" } },
      { id: "b", task: "two", that: "exists", object: { kind: "ConfigMap", name: "web" } },
      {
        id: "c",
        task: "one",
        that: "field",
        object: { kind: "Service", name: "web" },
        path: "spec.type",
        equals: "NodePort",
      },
    ],
  });

  it("gathers changes, then tells all tasks once, with the first failing check's reason", () => {
    const told: (readonly TaskVerdict[])[] = [];
    const timers = new Timers();
    const checker = new Checker(document, source, timers, (verdicts) => told.push(verdicts));
    expect(checker.verdicts.map((verdict) => verdict.message?.code)).toEqual(["not-looked-yet", "not-looked-yet"]);
    source.set("Service", service({}));
    source.set("Service", service({}));
    expect(timers.delays).toEqual([GATHER_MS]);
    timers.run();
    expect(told).toHaveLength(1);
    expect(told[0]?.map(({ taskId, passed, message }) => [taskId, passed, message?.code])).toEqual([
      ["one", false, "field-not-equal"],
      ["two", false, "object-missing"],
    ]);
    source.set("Service", service({}));
    timers.run();
    expect(told).toHaveLength(1);
  });

  it("is silent after it is stopped and lets go of its watches", () => {
    const timers = new Timers();
    const checker = new Checker(document, source, timers, () => expect.unreachable());
    expect(source.subscriptions()).toBe(3);
    checker.stop();
    source.set("Service", service({}));
    timers.run();
    expect(source.subscriptions()).toBe(0);
  });
});

class Timers {
  readonly delays: number[] = [];
  #pending: (() => void)[] = [];

  schedule(delayMs: number, callback: () => void): { cancel(): void } {
    this.delays.push(delayMs);
    this.#pending.push(callback);
    return { cancel: () => void (this.#pending = this.#pending.filter((other) => other !== callback)) };
  }

  run(): void {
    for (const callback of this.#pending.splice(0)) callback();
  }
}

function watchCheck(check: object): { text(): string | undefined } {
  const document = checksDocumentSchema.parse({ version: 1, checks: [{ id: "c", task: "t", ...check }] });
  const timers = new Timers();
  const checker = new Checker(document, source, timers, () => {});
  return {
    text: () => {
      timers.run();
      const message = checker.verdicts[0]?.message;
      return message && formatCheckMessage(message);
    },
  };
}

function textOf(check: object): string | undefined {
  const document = checksDocumentSchema.parse({ version: 1, checks: [{ id: "c", task: "t", ...check }] });
  const timers = new Timers();
  const checker = new Checker(document, source, timers, () => {});
  timers.run();
  const message = checker.verdicts[0]?.message;
  checker.stop();
  return message && formatCheckMessage(message);
}

type Content = ClusterObject & Record<"spec" | "status", unknown>;

function service(options: { name?: string; namespace?: string; selector?: object; targetPort?: unknown }): Content {
  const { name = "web", namespace = "default", selector = LABELS, targetPort = 80 } = options;
  return {
    kind: "Service",
    metadata: { name, namespace, labels: { "a.b/c": "xy" } },
    spec: { type: "ClusterIP", selector, ports: [{ name: "http", port: 80, targetPort }] },
    status: {},
  };
}

function deployment(options: {
  replicas: number;
  updated?: number;
  ready?: number;
  total?: number;
  observed?: number;
  generation?: number;
  paused?: boolean;
}): Content {
  const { replicas, updated = 0, ready = 0, total = 0, observed = 1, generation = 1, paused = false } = options;
  const metadata = { name: "web", namespace: "default", uid: "deployment", generation };
  return {
    kind: "Deployment",
    metadata,
    spec: { replicas, paused },
    status: { observedGeneration: observed, replicas: total, updatedReplicas: updated, readyReplicas: ready },
  };
}

function replicaSet(uid = "rs"): ClusterObject {
  const ownerReferences = [{ kind: "Deployment", uid: "deployment", controller: true }];
  return { kind: "ReplicaSet", metadata: { name: uid, namespace: "default", uid, ownerReferences } };
}

function pod(
  id: string,
  options: { ready?: boolean; terminating?: boolean; waiting?: string; unschedulable?: string; owner?: string },
): Content {
  const { ready = false, terminating = false, waiting, unschedulable, owner = "rs" } = options;
  const ownerReferences = [{ kind: "ReplicaSet", uid: owner, controller: true }];
  const labels = { ...LABELS, "pod-template-hash": "abc" };
  const conditions: unknown[] = [{ type: "Ready", status: ready ? "True" : "False" }];
  if (unschedulable)
    conditions.push({ type: "PodScheduled", status: "False", reason: "Unschedulable", message: unschedulable });
  const containerStatuses = waiting
    ? [
        {
          name: "app",
          image: "ngnix",
          state: { waiting: { reason: waiting } },
          lastState: { terminated: { exitCode: 3 } },
        },
      ]
    : [];
  return {
    kind: "Pod",
    metadata: {
      name: `web-${id}`,
      namespace: "default",
      uid: `pod-${id}`,
      labels,
      ownerReferences,
      ...(terminating && { deletionTimestamp: "2026-01-01T00:00:00Z" }),
    },
    spec: { containers: [{ name: "app", ports: [{ name: "http", containerPort: 80 }] }] },
    status: { conditions, containerStatuses },
  };
}

function slice(
  ...endpoints: [address: string, ready: boolean][]
): ClusterObject & Record<"ports" | "endpoints", unknown> {
  return {
    kind: "EndpointSlice",
    metadata: { name: "web-x", namespace: "default", labels: { "kubernetes.io/service-name": "web" } },
    ports: [{ name: "http", port: 80 }],
    endpoints: endpoints.map(([address, ready]) => ({ addresses: [address], conditions: { ready } })),
  };
}
