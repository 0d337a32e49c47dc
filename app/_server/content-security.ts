import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

const hashesSchema = z.object({
  version: z.literal(1),
  pages: z.record(z.string(), z.array(z.string().regex(/^sha256-[A-Za-z0-9+/=]+$/))),
});

/** Prerendered pages that stand in for others: what is unknown, what failed. They can be the answer at any address. */
const STAND_INS = ["/_not-found", "/_global-error", "/404", "/500"];

/**
 * The Content-Security-Policy of each page. A prerendered page cannot carry a nonce, so its inline scripts are allowed by
 * their hashes, worked out when the site was built; a page made on request gets a nonce, and the stand-ins' hashes.
 */
export class ContentSecurity {
  readonly #pages: ReadonlyMap<string, string>;
  readonly #standIns: string;

  static read(root: string): ContentSecurity {
    const file = join(root, "dist/csp.json");
    return new ContentSecurity(hashesSchema.parse(JSON.parse(readFileSync(file, "utf8"))).pages);
  }

  constructor(pages: Readonly<Record<string, readonly string[]>>) {
    this.#pages = new Map(Object.entries(pages).map(([path, hashes]) => [path, sources(hashes)]));
    this.#standIns = sources([...new Set(STAND_INS.flatMap((path) => pages[path] ?? []))]);
  }

  /** For a page made on request the policy names `nonce`; Next reads it from there. */
  policyFor(pathname: string, nonce: string): string {
    const prerendered = this.#pages.get(pathname);
    return policy(prerendered ?? `'nonce-${nonce}' ${this.#standIns}`);
  }
}

function sources(hashes: readonly string[]): string {
  return hashes.map((hash) => `'${hash}'`).join(" ");
}

function policy(scripts: string): string {
  return [
    "default-src 'self'",
    `script-src 'self' ${scripts}`.trimEnd(),
    // xterm, the diagrams and the code colours set styles on elements.
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "worker-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; ");
}

/** What every answer carries, whatever it is. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
  "x-frame-options": "DENY",
};
