import type { Addon } from "./addons/addon";
import type { Node } from "./api/generated/kubernetes";
import type { KubeObject } from "./api/object";
import type { Informer } from "./client/informer";
import type { SharedInformers } from "./client/shared-informers";

/** Resolves once a learner finds the cluster as it should be: asked again at each change, never on a timer. */
export async function clusterReady(
  informers: SharedInformers,
  withPods: boolean,
  addons: readonly Addon[] = [],
): Promise<void> {
  const { nodes, deployments, serviceAccounts, configMaps } = informers;
  await until(nodes, () => nodes.list().length > 0 && nodes.list().every(isReady));
  await until(serviceAccounts, () => serviceAccounts.get("default", "default") !== undefined);
  await until(configMaps, () => configMaps.get("default", "kube-root-ca.crt") !== undefined);
  if (!withPods) return;
  const wanted = addons.flatMap(({ objects }) =>
    objects.filter(({ resource }) => resource.name === "deployments").map(({ object }) => object.metadata ?? {}),
  );
  for (const { namespace = "", name = "" } of [{ namespace: "kube-system", name: "coredns" }, ...wanted]) {
    await until(deployments, () => {
      const deployment = deployments.get(namespace, name);
      // A learner may have taken it away; what is not there is not waited for.
      return (
        deployment === undefined || (deployment.status?.availableReplicas ?? 0) >= (deployment.spec?.replicas ?? 1)
      );
    });
  }
}

function isReady(node: Node): boolean {
  return node.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True") ?? false;
}

function until<T extends KubeObject>(informer: Informer<T>, holds: () => boolean): Promise<void> {
  if (holds()) return Promise.resolve();
  return new Promise((resolve) => {
    const check = () => {
      if (!holds()) return;
      // Not from inside its own registration.
      queueMicrotask(() => unsubscribe());
      resolve();
    };
    const unsubscribe = informer.addHandler({ added: check, updated: check, deleted: check });
  });
}
