import { describe, expect, it } from "vitest";
import type { Deployment, Namespace, Pod, Scale, Service, ServiceAccount } from "../api/generated/kubernetes";
import type { KubeObject } from "../api/object";
import type { ApiRequest, WatchEvent } from "../api/request";
import { FakeClock, flushPromises } from "../clock";
import { SeededRandom } from "../random";
import { createApiServer } from "./api-server";

const ADMIN = { username: "kubernetes-admin", groups: ["kubeadm:cluster-admins", "system:authenticated"] };

async function freshServer() {
  const clock = new FakeClock();
  const server = createApiServer({ clock, random: new SeededRandom(1) });
  const send = async <T extends KubeObject>(request: Partial<ApiRequest> & Pick<ApiRequest, "verb" | "resource">) => {
    const result = await server.handler.handle({ group: "", version: "v1", user: ADMIN, options: {}, ...request });
    return result.object as T;
  };
  await send<Namespace>({ verb: "create", resource: "namespaces", body: { metadata: { name: "default" } } });
  const account = { metadata: { name: "default" } };
  await send<ServiceAccount>({ verb: "create", resource: "serviceaccounts", namespace: "default", body: account });
  const pods = { resource: "pods", namespace: "default" };
  return { clock, server, send, pods };
}

const nginx = (name = "web"): Pod => ({
  metadata: { name, labels: { app: "web" } },
  spec: { containers: [{ name: "nginx", image: "nginx" }] },
});

describe("the in-process API server", () => {
  it("creates a pod with the defaults a real cluster gives", async () => {
    const { send, pods } = await freshServer();
    const pod = await send<Pod>({ verb: "create", ...pods, body: nginx() });
    expect(pod.metadata).toMatchObject({ namespace: "default", generation: 1, resourceVersion: "4" });
    expect(pod.spec).toMatchObject({
      containers: [
        {
          name: "nginx",
          imagePullPolicy: "Always",
          terminationMessagePath: "/dev/termination-log",
          volumeMounts: [{ mountPath: "/var/run/secrets/kubernetes.io/serviceaccount", readOnly: true }],
        },
      ],
      dnsPolicy: "ClusterFirst",
      enableServiceLinks: true,
      preemptionPolicy: "PreemptLowerPriority",
      priority: 0,
      restartPolicy: "Always",
      serviceAccount: "default",
      tolerations: [{ key: "node.kubernetes.io/not-ready" }, { key: "node.kubernetes.io/unreachable" }],
    });
    expect(pod.status).toEqual({ phase: "Pending", qosClass: "BestEffort" });
  });

  it("refuses a name that is taken, a missing object and a stale update", async () => {
    const { send, pods } = await freshServer();
    const pod = await send<Pod>({ verb: "create", ...pods, body: nginx() });
    await expect(send({ verb: "create", ...pods, body: nginx() })).rejects.toThrow('pods "web" already exists');
    await expect(send({ verb: "get", ...pods, name: "none" })).rejects.toThrow('pods "none" not found');
    const update = { verb: "update" as const, ...pods, name: "web" };
    const labelled = { ...pod, metadata: { ...pod.metadata, labels: { app: "other" } } };
    await send({ ...update, body: labelled });
    await expect(send({ ...update, body: labelled })).rejects.toThrow(
      'Operation cannot be fulfilled on pods "web": the object has been modified; please apply your changes to the latest version and try again',
    );
  });

  it("lets watchers hear of changes in order and after the call that made them", async () => {
    const { server, send, pods } = await freshServer();
    const events: WatchEvent[] = [];
    const request: ApiRequest = {
      verb: "watch",
      group: "",
      version: "v1",
      ...pods,
      user: ADMIN,
      options: { labelSelector: "app=web" },
    };
    const watch = await server.handler.watch(request, {
      event: (event) => events.push(event),
      closed: () => undefined,
    });
    const creating = send<Pod>({ verb: "create", ...pods, body: nginx() });
    expect(events).toEqual([]);
    const pod = await creating;
    await send({ verb: "update", ...pods, name: "web", body: { ...pod, metadata: { ...pod.metadata, labels: {} } } });
    await flushPromises();
    expect(events.map(({ type }) => type)).toEqual(["ADDED", "DELETED"]);
    watch.stop();
    await send({ verb: "create", ...pods, body: nginx("other") });
    await flushPromises();
    expect(events).toHaveLength(2);
  });

  it("does not write what stands there already", async () => {
    const { send, pods } = await freshServer();
    const pod = await send<Pod>({ verb: "create", ...pods, body: nginx() });
    const again = await send<Pod>({ verb: "update", ...pods, name: "web", body: pod });
    expect(again.metadata?.resourceVersion).toBe(pod.metadata?.resourceVersion);
  });

  it("gives a pod on a node its grace, and one without a node none", async () => {
    const { send, pods, clock } = await freshServer();
    await send({ verb: "create", ...pods, body: nginx() });
    const body = { target: { kind: "Node", name: "kind-worker" } };
    await send({ verb: "create", ...pods, name: "web", subresource: "binding", body });
    const marked = await send<Pod>({ verb: "delete", ...pods, name: "web" });
    expect(marked.metadata).toMatchObject({ deletionGracePeriodSeconds: 30, generation: 2 });
    expect(Date.parse(marked.metadata?.deletionTimestamp ?? "")).toBe(clock.now() + 30_000);
    await send({ verb: "delete", ...pods, name: "web", options: { gracePeriodSeconds: 0 } });
    await expect(send({ verb: "get", ...pods, name: "web" })).rejects.toThrow("not found");
  });

  it("keeps an object with finalizers until the last one is gone", async () => {
    const { send } = await freshServer();
    const maps = { resource: "configmaps", namespace: "default" };
    await send({ verb: "create", ...maps, body: { metadata: { name: "held", finalizers: ["example.com/wait"] } } });
    await send({ verb: "delete", ...maps, name: "held" });
    const patch = { verb: "patch" as const, ...maps, name: "held", patchType: "merge" as const };
    await send({ ...patch, body: { metadata: { finalizers: null } } });
    await expect(send({ verb: "get", ...maps, name: "held" })).rejects.toThrow('configmaps "held" not found');
  });

  it("gives a Service its address and its node port, and keeps them over updates", async () => {
    const { send } = await freshServer();
    const services = { resource: "services", namespace: "default" };
    const body: Service = { metadata: { name: "web" }, spec: { type: "NodePort", ports: [{ port: 80 }] } };
    const service = await send<Service>({ verb: "create", ...services, body });
    expect(service.spec?.clusterIP).toMatch(/^10\.(9[6-9]|10\d|11[01])\./);
    expect(service.spec?.ports?.[0]).toMatchObject({ protocol: "TCP", targetPort: 80 });
    expect(service.spec?.ports?.[0]?.nodePort).toBeGreaterThanOrEqual(30000);
    const bare: Service = {
      metadata: { name: "web" },
      spec: { type: "NodePort", ports: [{ port: 80, targetPort: 8080 }] },
    };
    const updated = await send<Service>({ verb: "update", ...services, name: "web", body: bare });
    expect(updated.spec?.clusterIP).toBe(service.spec?.clusterIP);
    expect(updated.spec?.ports?.[0]?.nodePort).toBe(service.spec?.ports?.[0]?.nodePort);
  });

  it("scales a deployment and counts its generation", async () => {
    const { send } = await freshServer();
    const deployments = { group: "apps", resource: "deployments", namespace: "default" };
    const body: Deployment = {
      metadata: { name: "web" },
      spec: {
        selector: { matchLabels: { app: "web" } },
        template: {
          metadata: { labels: { app: "web" } },
          spec: { containers: [{ name: "nginx", image: "nginx:1.27" }] },
        },
      },
    };
    await send({ verb: "create", ...deployments, body });
    const scaled = await send<Scale>({
      verb: "patch",
      ...deployments,
      name: "web",
      subresource: "scale",
      patchType: "merge",
      body: { spec: { replicas: 3 } },
    });
    expect(scaled).toMatchObject({ kind: "Scale", spec: { replicas: 3 }, status: { selector: "app=web" } });
    const deployment = await send<Deployment>({ verb: "get", ...deployments, name: "web" });
    expect(deployment).toMatchObject({
      metadata: { generation: 2 },
      spec: { replicas: 3, progressDeadlineSeconds: 600 },
    });
  });

  it("merges a strategic patch by container name", async () => {
    const { send } = await freshServer();
    const deployments = { group: "apps", resource: "deployments", namespace: "default" };
    const body: Deployment = {
      metadata: { name: "web" },
      spec: {
        selector: { matchLabels: { app: "web" } },
        template: {
          metadata: { labels: { app: "web" } },
          spec: { containers: [{ name: "nginx", image: "nginx:1.27" }] },
        },
      },
    };
    await send({ verb: "create", ...deployments, body });
    const patched = await send<Deployment>({
      verb: "patch",
      ...deployments,
      name: "web",
      patchType: "strategic",
      body: { spec: { template: { spec: { containers: [{ name: "nginx", image: "nginx:1.28" }] } } } },
    });
    expect(patched.spec?.template.spec?.containers).toMatchObject([
      { name: "nginx", image: "nginx:1.28", imagePullPolicy: "IfNotPresent" },
    ]);
  });

  it("forbids what no role allows, in the server's words", async () => {
    const { send, pods } = await freshServer();
    const user = { username: "system:serviceaccount:default:bot", groups: ["system:serviceaccounts"] };
    await expect(send({ verb: "list", ...pods, user })).rejects.toThrow(
      'pods is forbidden: User "system:serviceaccount:default:bot" cannot list resource "pods" in API group "" in the namespace "default"',
    );
  });
});
