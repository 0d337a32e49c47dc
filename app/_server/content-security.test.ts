import { describe, expect, it } from "vitest";
import { ContentSecurity } from "./content-security";

const security = new ContentSecurity({ "/": ["sha256-home="], "/_not-found": ["sha256-lost="] });

describe("ContentSecurity", () => {
  it("allows a prerendered page its own inline scripts by hash, and no nonce", () => {
    expect(scripts("/")).toBe("script-src 'self' 'sha256-home='");
  });

  it("gives a page made on request a nonce, and the page that may stand in for it its hashes", () => {
    expect(scripts("/admin/sandboxes")).toBe("script-src 'self' 'nonce-abc' 'sha256-lost='");
  });

  it("lets nobody frame a page or send its forms elsewhere", () => {
    expect(security.policyFor("/", "abc")).toContain("frame-ancestors 'none'");
    expect(security.policyFor("/", "abc")).toContain("form-action 'self'");
  });
});

function scripts(path: string): string | undefined {
  return security
    .policyFor(path, "abc")
    .split("; ")
    .find((directive) => directive.startsWith("script-src"));
}
