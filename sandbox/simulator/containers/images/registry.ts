import { parseReference } from "./reference";

/** Where nodes of one cluster pull from, as far as it can fail: the images themselves are in the catalogue. */
export class ImageRegistry {
  readonly #down = new Set<object>();
  readonly #delays = new Set<{ readonly ms: number }>();

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
  failureOf(whole: string): string | undefined {
    if (this.#down.size === 0) return undefined;
    const repository = parseReference(whole)?.repository ?? whole;
    const [host = "", ...path] = repository.split("/");
    const server = host === "docker.io" ? "registry-1.docker.io" : host;
    const tag = whole.slice(repository.length + 1);
    const url = `https://${server}/v2/${path.join("/")}/manifests/${tag}`;
    return (
      `rpc error: code = Unavailable desc = failed to pull and unpack image "${whole}": failed to resolve image: ` +
      `failed to do request: Head "${url}": dial tcp: lookup ${server} on 172.18.0.1:53: server misbehaving`
    );
  }
}
