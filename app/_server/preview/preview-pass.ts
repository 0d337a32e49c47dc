import { createHmac, timingSafeEqual } from "node:crypto";
import { z } from "zod";

const passSchema = z.strictObject({
  userId: z.string(),
  /** The session of the site it was opened from: without that it is worth nothing. */
  sessionId: z.string(),
  target: z.strictObject({ sandboxId: z.string(), namespace: z.string(), service: z.string(), port: z.number() }),
  /** Milliseconds since 1970. */
  expiresAt: z.number(),
});

/** What lets a browser into one preview: whose it is, and which. */
export type PreviewPass = z.infer<typeof passSchema>;

const LONGEST = 2_000;

/** Passes as text that only we can write. They hold nothing that their bearer does not know. */
export class PreviewPasses {
  readonly #secret: string;
  readonly #now: () => number;

  constructor(secret: string, now: () => number) {
    this.#secret = secret;
    this.#now = now;
  }

  seal(pass: PreviewPass): string {
    const body = Buffer.from(JSON.stringify(pass)).toString("base64url");
    return `${body}.${this.#sign(body).toString("base64url")}`;
  }

  /** `undefined` for what we did not write, or what is too old. */
  open(text: string): PreviewPass | undefined {
    const [body = "", signature = "", ...rest] = text.length > LONGEST ? [] : text.split(".");
    const given = Buffer.from(signature, "base64url");
    const wanted = this.#sign(body);
    if (rest.length > 0 || given.length !== wanted.length || !timingSafeEqual(given, wanted)) return undefined;
    const pass = passSchema.parse(JSON.parse(Buffer.from(body, "base64url").toString("utf8")));
    return pass.expiresAt > this.#now() ? pass : undefined;
  }

  #sign(body: string): Buffer {
    return createHmac("sha256", this.#secret).update(`preview pass\0${body}`).digest();
  }
}
