import { CertificateAuthority, type KeyPair } from "./certificate-authority";

/** The keys of one cluster. All texts are PEM. */
export interface ClusterPki {
  readonly ca: CertificateAuthority;
  /** The API server's. */
  readonly serving: KeyPair;
  /** kubectl's: user `kubernetes-admin` in group `kubeadm:cluster-admins`. */
  readonly admin: KeyPair;
}

// What kubeadm puts into the API server's certificate in a kind cluster.
const SERVER_NAMES = [
  "kubernetes",
  "kubernetes.default",
  "kubernetes.default.svc",
  "kubernetes.default.svc.cluster.local",
  "kind-control-plane",
  "localhost",
  "10.96.0.1",
  "172.18.0.2",
  "127.0.0.1",
];

/**
 * Makes the authority of a new cluster and its first two certificates, in a few milliseconds; with `ca` (from a
 * snapshot) only the certificates. `now` in epoch milliseconds.
 */
export function createClusterPki(now: number, ca?: KeyPair): ClusterPki {
  const authority = ca ? new CertificateAuthority(ca) : CertificateAuthority.create("kubernetes", now);
  return {
    ca: authority,
    serving: authority.issue({ commonName: "kube-apiserver", usage: "server", names: SERVER_NAMES }, now),
    admin: authority.issue(
      { commonName: "kubernetes-admin", organizations: ["kubeadm:cluster-admins"], usage: "client" },
      now,
    ),
  };
}
