/** Recorded bodies that are not compared (protobuf.test.ts). */
export const FIXTURE_EXCEPTIONS: Readonly<Record<string, string>> = {
  "storage.k8s.io.v1.CSINode.after_roundtrip": "has a status, which no schema of 1.36 knows: another release wrote it",
};

/**
 * The only differences between the schemas that we publish and those of a real server that the comparison allows
 * (openapi.test.ts), each with its reason. All other keys of every schema of a stable group are equal.
 */
export const SCHEMA_KEY_EXCEPTIONS: Readonly<Record<string, string>> = {
  description: "prose comes from npm's packages; explain.test.ts compares it, with lists of its own of what is missing",
  enum: "the recorded documents have none, ours list the values that explain shows",
  "x-kubernetes-unions": "says which fields exclude each other; no client reads it",
};

/** Paths that are served and not published, by a part of their text. */
export const PATH_EXCEPTIONS: Readonly<Record<string, string>> = {
  "/watch/": "the old way to watch: no client finds it in a document",
  "{path}": "whatever follows a proxy is passed on as it is",
};

/** Members of a path that are no operation of Kubernetes' own. */
export const OPERATION_EXCEPTIONS: Readonly<Record<string, string>> = {
  parameters: "stands beside operations, and is compared in their effect by kubectl's own use",
  head: "published for proxies only",
  options: "published for proxies only",
};
