import { expect, it } from "vitest";
import { SandboxError } from "@/sandbox/protocol/codes";
import { refusalOf } from "./refusal";

it.each([
  ["queue-full", 429, "30"],
  ["address-limit", 429, "30"],
  ["host-full", 503, "30"],
  ["origin-refused", 403, null],
  ["internal", 500, null],
] as const)("%s is answered with %i and says when to come back: %s", async (code, status, retryAfter) => {
  const response = refusalOf(new SandboxError(code, "a detail that is nobody's business"));
  expect([response.status, response.headers.get("retry-after")]).toEqual([status, retryAfter]);
  expect(await response.json()).toEqual({ error: { code } });
});
