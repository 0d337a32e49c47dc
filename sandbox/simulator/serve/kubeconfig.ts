import { stringify } from "yaml";

export interface KubeconfigOptions {
  /** `https://127.0.0.1:6443` */
  readonly server: string;
  /** The authority's certificate, PEM. */
  readonly ca: string;
  /** The user's certificate and key, PEM; or a bearer token. */
  readonly user: { readonly cert: string; readonly key: string } | { readonly token: string };
  /** Name of cluster, user and context; `kind-kind` as kind names its default cluster. */
  readonly clusterName?: string;
  /** The context's namespace; left out for `default`. */
  readonly namespace?: string;
}

/** A kubeconfig as `kind get kubeconfig` prints it: one cluster, one user, one context, all of one name. */
export function renderKubeconfig({
  server,
  ca,
  user,
  clusterName = "kind-kind",
  namespace,
}: KubeconfigOptions): string {
  const base64 = (text: string): string => Buffer.from(text, "utf8").toString("base64");
  const credentials =
    "token" in user
      ? { token: user.token }
      : { "client-certificate-data": base64(user.cert), "client-key-data": base64(user.key) };
  const config = {
    apiVersion: "v1",
    clusters: [{ cluster: { "certificate-authority-data": base64(ca), server }, name: clusterName }],
    contexts: [
      { context: { cluster: clusterName, ...(namespace && { namespace }), user: clusterName }, name: clusterName },
    ],
    "current-context": clusterName,
    kind: "Config",
    users: [{ name: clusterName, user: credentials }],
  };
  return stringify(config, { lineWidth: 0, indentSeq: false });
}
