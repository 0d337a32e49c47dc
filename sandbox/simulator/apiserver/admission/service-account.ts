import type { Pod, Volume } from "../../api/generated/kubernetes";
import { forbidden } from "../../api/status";
import { allContainers } from "../../registry/pod-defaults";
import { SERVICE_ACCOUNTS } from "../../registry/references";
import type { Admission } from "./admission";

const TOKEN_PATH = "/var/run/secrets/kubernetes.io/serviceaccount";
const MIRROR = "kubernetes.io/config.mirror";
// One hour and seven seconds: how the server recognises tokens it gave out by itself.
const TOKEN_SECONDS = 3607;

/** Gives a pod its service account and, unless that is turned off, the account's token as a volume. */
export const serviceAccount: Admission = {
  admit({ operation, resource, subresource, namespace, object, context }) {
    if (operation !== "create" || resource.group !== "" || resource.name !== "pods" || subresource !== "") return;
    const pod = object as Pod;
    const { spec } = pod;
    if (!spec || pod.metadata?.annotations?.[MIRROR] !== undefined) return;
    spec.serviceAccountName ||= "default";
    spec.serviceAccount = spec.serviceAccountName;
    const account = context.lookup(SERVICE_ACCOUNTS, namespace, spec.serviceAccountName);
    if (!account) {
      const name = spec.serviceAccountName;
      const why = `error looking up service account ${namespace}/${name}: serviceaccount ${JSON.stringify(name)} not found`;
      throw forbidden(resource, pod.metadata?.name ?? pod.metadata?.generateName ?? "", why);
    }
    if (account.imagePullSecrets?.length && !spec.imagePullSecrets?.length) {
      spec.imagePullSecrets = account.imagePullSecrets.map((each) => ({ ...each }));
    }
    const automount = spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true;
    if (automount) mountToken(pod, `kube-api-access-${context.random.suffix(5)}`);
  },
};

function mountToken({ spec }: Pod, name: string): void {
  if (!spec) return;
  const existing = spec.volumes?.find((volume) => volume.name.startsWith("kube-api-access-"));
  const volumeName = existing?.name ?? name;
  let isUsed = false;
  for (const container of allContainers(spec)) {
    if (container.volumeMounts?.some((mount) => mount.mountPath === TOKEN_PATH)) continue;
    container.volumeMounts = [
      ...(container.volumeMounts ?? []),
      { name: volumeName, readOnly: true, mountPath: TOKEN_PATH },
    ];
    isUsed = true;
  }
  if (isUsed && !existing) spec.volumes = [...(spec.volumes ?? []), tokenVolume(name)];
}

function tokenVolume(name: string): Volume {
  return {
    name,
    projected: {
      sources: [
        { serviceAccountToken: { expirationSeconds: TOKEN_SECONDS, path: "token" } },
        { configMap: { name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] } },
        {
          downwardAPI: {
            items: [{ path: "namespace", fieldRef: { apiVersion: "v1", fieldPath: "metadata.namespace" } }],
          },
        },
      ],
      defaultMode: 0o644,
    },
  };
}
