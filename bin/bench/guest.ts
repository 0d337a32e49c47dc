const ANSWER_WITHIN_MS = 60_000;

/** A visitor without a browser: keeps its cookies and asks the site's API as its pages do. */
export class Guest {
  readonly origin: string;
  readonly #cookies = new Map<string, string>();

  constructor(origin: string) {
    this.origin = origin;
  }

  get cookies(): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  }

  /** @throws Error with the status and what was answered */
  async post(path: string, body: unknown): Promise<unknown> {
    const response = await fetch(this.origin + path, {
      method: "POST",
      headers: { "content-type": "application/json", origin: this.origin, cookie: this.cookies },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [pair = ""] = cookie.split(";");
      const at = pair.indexOf("=");
      this.#cookies.set(pair.slice(0, at), pair.slice(at + 1));
    }
    if (!response.ok) throw new Error(`POST ${path}: ${response.status} ${await response.text()}`);
    return response.json();
  }
}
