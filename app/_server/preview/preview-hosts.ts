import { createHmac } from "node:crypto";

/** What one preview shows: a TCP port of a Service in a sandbox's cluster. */
export interface PreviewTarget {
  readonly sandboxId: string;
  readonly namespace: string;
  readonly service: string;
  readonly port: number;
}

const LETTERS = "abcdefghijklmnopqrstuvwxyz234567";
const LABEL_LETTERS = 32;
const LABEL = /^[a-z2-7]{32}$/;

/**
 * Every preview has a host name of its own below one domain, so that browsers keep it apart from the site and from all
 * other previews. The name is a keyed hash of what it shows: always the same, and nobody can guess it.
 */
export class PreviewHosts {
  readonly #secret: string;
  readonly #scheme: string;
  /** `.preview.localhost:3000` */
  readonly #suffix: string;

  /** @param pattern an origin whose first label is `*`, as `https://*.preview.example.org` */
  constructor(pattern: string, secret: string) {
    const [scheme = "", host = ""] = pattern.split("://*");
    this.#scheme = scheme;
    this.#suffix = host;
    this.#secret = secret;
  }

  get isSecure(): boolean {
    return this.#scheme === "https";
  }

  originOf(target: PreviewTarget): string {
    return `${this.#scheme}://${this.labelOf(target)}${this.#suffix}`;
  }

  labelOf({ sandboxId, namespace, service, port }: PreviewTarget): string {
    const words = `preview host\0${sandboxId}\0${namespace}\0${service}\0${port}`;
    const bytes = createHmac("sha256", this.#secret).update(words).digest();
    // The last five bits of each byte: 160 bits in all.
    return Array.from(bytes.subarray(0, LABEL_LETTERS), (byte) => LETTERS[byte & 31]).join("");
  }

  /** The preview that a request's Host header names; `undefined` where it names none. */
  labelIn(host: string | undefined): string | undefined {
    if (!host?.endsWith(this.#suffix)) return undefined;
    const label = host.slice(0, -this.#suffix.length);
    return LABEL.test(label) ? label : undefined;
  }
}
