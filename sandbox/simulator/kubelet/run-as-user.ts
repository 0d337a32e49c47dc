import type { Container, EphemeralContainer, Pod } from "../api/generated/kubernetes";
import type { Stored } from "../api/object";
import type { ImageStatus } from "./container-runtime";

/**
 * Why a container that must not run as root may not start, in the kubelet's words.
 * https://kubernetes.io/docs/tasks/configure-pod-container/security-context/
 */
export function rootProblem(
  pod: Stored<Pod>,
  container: Container | EphemeralContainer,
  image: ImageStatus,
): string | undefined {
  const of = pod.spec?.securityContext;
  const own = container.securityContext;
  if (!(own?.runAsNonRoot ?? of?.runAsNonRoot)) return undefined;
  const { name, namespace = "", uid } = pod.metadata;
  const where = `(pod: ${JSON.stringify(`${name}_${namespace}(${uid})`)}, container: ${container.name})`;
  const user = own?.runAsUser ?? of?.runAsUser;
  if (user !== undefined) return user === 0 ? `container's runAsUser breaks non-root policy ${where}` : undefined;
  const [inImage = ""] = image.user.split(":");
  if (inImage === "" || inImage === "0") return `container has runAsNonRoot and image will run as root ${where}`;
  if (/^\d+$/.test(inImage)) return undefined;
  return `container has runAsNonRoot and image has non-numeric user (${inImage}), cannot verify user is non-root ${where}`;
}
