import { describe, expect, it } from "vitest";
import { CHECK_MESSAGES_EN, formatCheckMessage } from "./check-messages";
import { checksDocumentSchema } from "./checks";
import { errorBodySchema, SandboxError } from "./codes";
import { sandboxCreateSchema, ticketCreateSchema } from "./manager-api";
import { parseSandboxEvent } from "./sandbox-events";

const USER = "0198a5f0-0000-7000-8000-00000000000a";

describe("checks", () => {
  const selects = { id: "a", task: "t", that: "serviceSelects", service: { name: "web" } };
  const document = (...checks: unknown[]): boolean => checksDocumentSchema.safeParse({ version: 1, checks }).success;

  it("fills in the default namespace and count", () => {
    expect(checksDocumentSchema.parse({ version: 1, checks: [selects] }).checks).toEqual([
      { id: "a", task: "t", that: "serviceSelects", service: { name: "web", namespace: "default" }, ready: 1 },
    ]);
  });

  it("refuses two checks of one id, unknown keys and an unknown condition", () => {
    expect(document(selects, { ...selects, id: "b" })).toBe(true);
    expect(document(selects, selects)).toBe(false);
    expect(document({ ...selects, redy: 3 })).toBe(false);
    expect(document({ ...selects, that: "runCommand", command: "true" })).toBe(false);
  });

  it("wants exactly one condition on a field", () => {
    const field = { id: "a", task: "t", that: "field", object: { kind: "Service", name: "web" }, path: "spec.type" };
    expect(document(field)).toBe(false);
    expect(document({ ...field, equals: "ClusterIP" })).toBe(true);
    expect(document({ ...field, equals: "ClusterIP", present: true })).toBe(false);
  });

  it.each(["spec", "spec.ports[0].port", 'metadata.labels["a.b/c"]', "spec.containers[name=web].image"])(
    "takes the path %s",
    (path) => {
      expect(
        document({ id: "a", task: "t", that: "field", object: { kind: "Pod", name: "p" }, path, present: true }),
      ).toBe(true);
    },
  );

  it.each(["", ".spec", "spec.", "spec[", "spec[*]", "spec..x", "$.spec"])("refuses the path %s", (path) => {
    expect(
      document({ id: "a", task: "t", that: "field", object: { kind: "Pod", name: "p" }, path, present: true }),
    ).toBe(false);
  });
});

describe("messages", () => {
  it("fills in parameters and leaves what is missing visible", () => {
    const message = { code: "service-selects-nothing", params: { service: "web", selector: "app=wep" } } as const;
    expect(formatCheckMessage(message)).toBe("Service `web` selects app=wep: no pod has that label.");
    expect(formatCheckMessage({ ...message, params: {} })).toBe(
      "Service `{service}` selects {selector}: no pod has that label.",
    );
  });

  it("has a text for each code that ends as a sentence or in a value", () => {
    for (const text of Object.values(CHECK_MESSAGES_EN)) expect(text).toMatch(/[.?}]$/);
  });
});

describe("bodies", () => {
  const create = {
    user: { id: USER, kind: "guest" },
    address: "127.0.0.1",
    lesson: { lessonId: "l", revision: "r" },
    checks: { version: 1, checks: [] },
  };

  it("creates a sandbox with what is left out at its default", () => {
    expect(sandboxCreateSchema.parse(create)).toMatchObject({ startObjects: [], files: {} });
  });

  it.each(["/etc/passwd", "../x", "a/../../x", "a\nb"])("refuses a file at %j", (path) => {
    expect(sandboxCreateSchema.safeParse({ ...create, files: { [path]: "" } }).success).toBe(false);
  });

  it("takes files below the home", () => {
    expect(sandboxCreateSchema.safeParse({ ...create, files: { "web/web.yaml": "", ".bashrc": "" } }).success).toBe(
      true,
    );
  });

  it("wants an http origin on a ticket", () => {
    const ticket = { purpose: "terminal", userId: USER, sandboxId: "0198a5f0-0000-7000-8000-000000000000" };
    expect(ticketCreateSchema.safeParse({ ...ticket, origin: "http://localhost:3000" }).success).toBe(true);
    expect(ticketCreateSchema.safeParse({ ...ticket, origin: "javascript:alert(1)" }).success).toBe(false);
  });

  it("gives nothing for an event it does not know", () => {
    expect(parseSandboxEvent("{")).toBeUndefined();
    expect(parseSandboxEvent('{"type":"other"}')).toBeUndefined();
    expect(parseSandboxEvent('{"type":"verdicts","verdicts":[]}')).toEqual({ type: "verdicts", verdicts: [] });
  });

  it("turns an error into a body that parses", () => {
    const error = new SandboxError("address-limit", "5 sandboxes");
    expect(error.status).toBe(429);
    expect(errorBodySchema.parse(error.toBody()).error.code).toBe("address-limit");
  });
});
