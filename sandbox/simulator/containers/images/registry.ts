import type { RegistryCredentials } from "../../kubelet/container-runtime";
import { parseReference } from "./reference";

/** Registries that open only to whom they know; nobody else learns what they have. */
const PRIVATE: readonly RegistryCredentials[] = [
  { host: "registry.slipway.test", username: "learner", password: "open-sesame" },
];

/** Where nodes of one cluster pull from, as far as it can fail: the images themselves are in the catalogue. */
export class ImageRegistry {
  /** How long it takes at least to tell what a tag stands for: it asks who is there, and gives a token first. */
  readonly answerMs: number;
  readonly #down = new Set<object>();
  readonly #delays = new Set<{ readonly ms: number }>();

  constructor(answerMs = 1000) {
    this.answerMs = answerMs;
  }

  /** Nobody answers until the returned function is called. */
  goDown(): () => void {
    const mark = {};
    this.#down.add(mark);
    return () => void this.#down.delete(mark);
  }

  /** Pulls take so much longer until the returned function is called. */
  slowDown(ms: number): () => void {
    const mark = { ms };
    this.#delays.add(mark);
    return () => void this.#delays.delete(mark);
  }

  /** What a pull takes beyond its usual time, in milliseconds. */
  get delayMs(): number {
    let sum = 0;
    for (const { ms } of this.#delays) sum += ms;
    return sum;
  }

  /** Why a pull of the image fails whatever the image, in containerd's words. */
  failureOf(whole: string, credentials: readonly RegistryCredentials[] = []): string | undefined {
    const repository = parseReference(whole)?.repository ?? whole;
    const [host = "", ...path] = repository.split("/");
    const server = host === "docker.io" ? "registry-1.docker.io" : host;
    const tag = whole.slice(repository.length + 1);
    const url = `https://${server}/v2/${path.join("/")}/manifests/${tag}`;
    if (this.#down.size === 0) return refusalOf(whole, host, path.join("/"), credentials);
    return (
      `rpc error: code = Unavailable desc = failed to pull and unpack image "${whole}": failed to resolve image: ` +
      `failed to do request: Head "${url}": dial tcp: lookup ${server} on 172.18.0.1:53: server misbehaving`
    );
  }
}

function refusalOf(
  whole: string,
  host: string,
  path: string,
  credentials: readonly RegistryCredentials[],
): string | undefined {
  const wanted = PRIVATE.find((each) => each.host === host);
  if (!wanted) return undefined;
  const given = credentials.filter((each) => each.host === host);
  if (given.some(({ username, password }) => username === wanted.username && password === wanted.password)) {
    return undefined;
  }
  const token = given.length > 0 ? "oauth token" : "anonymous token";
  const scope = encodeURIComponent(`repository:${path}:pull`);
  return (
    `rpc error: code = Unknown desc = failed to pull and unpack image "${whole}": failed to resolve image: ` +
    `failed to authorize: failed to fetch ${token}: unexpected status from GET request to ` +
    `https://${host}/token?scope=${scope}&service=${host}: 401 Unauthorized`
  );
}
