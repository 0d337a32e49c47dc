import type { CertificateRequest } from "../../certificates/request";

export const KUBELET_CLIENT = "kubernetes.io/kube-apiserver-client-kubelet";

/** Why a signer does not sign a request; `undefined` when it does. */
type Check = (request: CertificateRequest, usages: readonly string[]) => string | undefined;

/**
 * Signers that the controller manager runs, and what they ask for.
 * https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/#kubernetes-signers
 */
export const SIGNERS: Readonly<Record<string, Check | undefined>> = {
  "kubernetes.io/kube-apiserver-client": clientFault,
  [KUBELET_CLIENT]: kubeletClientFault,
  "kubernetes.io/kubelet-serving": kubeletServingFault,
};

export function isKubeletClient(request: CertificateRequest, usages: readonly string[]): boolean {
  return kubeletClientFault(request, usages) === undefined;
}

function clientFault(_: CertificateRequest, usages: readonly string[]): string | undefined {
  const other = usages.find((usage) => !["digital signature", "key encipherment", "client auth"].includes(usage));
  if (other !== undefined) return `invalid usage for client certificate: ${other}`;
  return usages.includes("client auth") ? undefined : "missing required usage for client certificate: client auth";
}

function kubeletClientFault(request: CertificateRequest, usages: readonly string[]): string | undefined {
  const { dns, email, ip, uri } = request.names;
  if (!isOfNodes(request)) return NOT_OF_NODES;
  if (dns > 0) return "DNS subjectAltNames are not allowed";
  if (email > 0) return "Email subjectAltNames are not allowed";
  if (ip > 0) return "IP subjectAltNames are not allowed";
  if (uri > 0) return "URI subjectAltNames are not allowed";
  if (!isNode(request)) return NOT_A_NODE;
  return usagesFault(usages, "client auth");
}

function kubeletServingFault(request: CertificateRequest, usages: readonly string[]): string | undefined {
  const { dns, email, ip, uri } = request.names;
  if (!isOfNodes(request)) return NOT_OF_NODES;
  if (dns === 0 && ip === 0) return "DNS or IP subjectAltName is required";
  if (email > 0) return "Email subjectAltNames are not allowed";
  if (uri > 0) return "URI subjectAltNames are not allowed";
  return usagesFault(usages, "server auth") ?? (isNode(request) ? undefined : NOT_A_NODE);
}

const NOT_OF_NODES = "subject organization is not system:nodes";
const NOT_A_NODE = "subject common name does not begin with system:node:";

function isOfNodes({ organizations }: CertificateRequest): boolean {
  return organizations.length === 1 && organizations[0] === "system:nodes";
}

function isNode({ commonName }: CertificateRequest): boolean {
  return commonName.startsWith("system:node:");
}

/** Keys of other kinds than RSA do not encipher keys. */
function usagesFault(usages: readonly string[], own: "client auth" | "server auth"): string | undefined {
  const given = [...new Set(usages)].sort().join(" ");
  const full = ["digital signature", "key encipherment", own].sort();
  const withoutRsa = ["digital signature", own].sort();
  if (given === full.join(" ") || given === withoutRsa.join(" ")) return undefined;
  return `usages did not match [${full.join(" ")}]`;
}
