import { expect, test } from "@playwright/test";
import { LESSON } from "./workbench";

test("no page breaks its own Content-Security-Policy", async ({ page }) => {
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (/Content.Security.Policy/i.test(message.text())) complaints.push(message.text());
  });
  for (const path of ["/", "/courses/kubernetes-services", LESSON, "/nowhere", "/admin/sandboxes"]) {
    const response = await page.goto(path);
    await page.waitForLoadState("networkidle");
    const policy = response?.headers()["content-security-policy"] ?? "";
    expect(policy).toContain("frame-ancestors 'none'");
    expect(/script-src ([^;]*)/.exec(policy)?.[1]).not.toMatch(/unsafe/);
    // Scripts did run: the theme is set by an inline one, the button is worked by a loaded one.
    await expect(page.locator("html")).toHaveAttribute("data-theme", /light|dark/);
    await page.getByRole("button", { name: /theme/ }).click();
  }
  expect(complaints).toEqual([]);
});

test("requests under another host's name are refused", async ({ request }) => {
  const answer = await request.get("/", { headers: { host: "slipway.example" } });
  expect(answer.status()).toBe(421);
});

test("a page of another origin cannot act for a visitor", async ({ request }) => {
  const body = { quizId: "why-not-the-pod-ip", optionIds: ["dhcp"] };
  for (const origin of ["https://evil.example", "null"]) {
    const answer = await request.post("/api/lessons/pods-come-and-go/answers", { headers: { origin }, data: body });
    expect(answer.status()).toBe(403);
    expect(await answer.json()).toEqual({ error: { code: "origin-refused" } });
  }
});

test("bad bodies get a code, not a crash", async ({ request, baseURL }) => {
  const headers = { origin: new URL(baseURL ?? "").origin, "content-type": "application/json" };
  const post = (path: string, data: string) => request.post(path, { headers, data });
  for (const [path, data, status] of [
    ["/api/lessons/pods-come-and-go/answers", "{", 400],
    ["/api/lessons/pods-come-and-go/answers", '{"quizId":"why-not-the-pod-ip","optionIds":["no-such"]}', 400],
    ["/api/lessons/pods-come-and-go/answers", `{"quizId":"${"x".repeat(70_000)}"}`, 413],
    ["/api/lessons/no-such-lesson/answers", '{"quizId":"a","optionIds":["b"]}', 404],
    ["/api/sandboxes", '{"lessonId":"pods-come-and-go","terminal":{"columns":0,"rows":1}}', 400],
  ] as const) {
    const answer = await post(path, data);
    expect(answer.status(), `${path} ${data.slice(0, 40)}`).toBe(status);
    expect(await answer.json()).toHaveProperty("error.code");
  }
});

for (const path of ["/ws/terminal", "/ws/sandbox"]) {
  test(`a socket on ${path} needs a page of ours, an account and a good ticket`, async ({ page, baseURL }) => {
    const base = new URL(baseURL ?? "");
    const upgrade = (headers: Record<string, string>) =>
      page.request.get(`${path}?ticket=${"x".repeat(43)}`, {
        headers: {
          connection: "Upgrade",
          upgrade: "websocket",
          "sec-websocket-version": "13",
          "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
          ...headers,
        },
      });
    expect((await upgrade({})).status()).toBe(403);
    expect((await upgrade({ origin: "https://evil.example" })).status()).toBe(403);
    expect((await upgrade({ origin: base.origin })).status()).toBe(401);

    // An answer makes the visitor a guest; the ticket is still nobody's.
    await page.request.post("/api/lessons/pods-come-and-go/answers", {
      headers: { origin: base.origin },
      data: { quizId: "why-not-the-pod-ip", optionIds: ["dhcp"] },
    });
    expect((await upgrade({ origin: base.origin })).status()).toBe(401);
  });
}
