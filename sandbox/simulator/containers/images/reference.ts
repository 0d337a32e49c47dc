/** An image name in full: the registry, `library/` and `:latest` filled in as containerd does. */
export interface Reference {
  readonly whole: string;
  /** `docker.io/library/nginx` */
  readonly repository: string;
}

/** https://github.com/distribution/reference (the grammar); `undefined` when it is not a reference. */
export function parseReference(text: string): Reference | undefined {
  const match =
    /^((?:[a-zA-Z0-9.-]+(?::\d+)?\/)?[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*)(?::([\w][\w.-]{0,127}))?(@[a-z0-9]+:[0-9a-f]{32,})?$/.exec(
      text,
    );
  if (!match) return undefined;
  const [, name = "", tag, digest] = match;
  const first = name.split("/")[0] ?? "";
  const hasRegistry = name.includes("/") && (/[.:]/.test(first) || first === "localhost");
  const repository = hasRegistry ? name : `docker.io/${name.includes("/") ? name : `library/${name}`}`;
  const normal = repository.replace(/^index\.docker\.io\//, "docker.io/");
  return {
    whole: digest ? `${normal}${tag ? `:${tag}` : ""}${digest}` : `${normal}:${tag ?? "latest"}`,
    repository: normal,
  };
}
