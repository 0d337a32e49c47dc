import { expect, test } from "@playwright/test";
import { ADMIN_STATE } from "./admin-state";
import { Workbench } from "./workbench";

test("an admin stops a sandbox, and its learner sees why", async ({ page, browser }) => {
  const bench = await Workbench.open(page);
  await bench.start();
  const sandboxId = await currentSandboxId(bench);

  const context = await browser.newContext({ storageState: ADMIN_STATE });
  const admin = await context.newPage();
  await admin.goto("/admin/sandboxes");
  const row = admin.locator(`[data-sandbox="${sandboxId}"]`);
  await expect(row).toContainText(/Guest \w{6}/);
  await expect(row).toContainText("Pods come and go");
  await expect(row).toContainText("Running");
  await expect(row).toContainText("Simulated");

  const dialog = admin.getByRole("dialog");
  // On a busy machine the first click may come before the page is ready for it.
  await expect(async () => {
    await row.getByRole("button", { name: /^Stop the sandbox of Guest/ }).click({ timeout: 2_000 });
    await expect(dialog).toContainText("they see the reason you choose", { timeout: 2_000 });
  }).toPass({ timeout: 20_000 });
  await dialog.getByLabel("Making room for others").check();
  await dialog.getByRole("button", { name: "Stop it" }).click();
  await expect(row).toHaveCount(0);

  await expect(bench.pane).toContainText("An admin stopped it to make room for others.");
  await expect(bench.pane).toContainText("This sandbox has stopped");

  await admin.getByRole("link", { name: "All", exact: true }).click();
  await expect(admin).toHaveURL(/show=all/);
  await expect(row).toContainText("An admin stopped it to make room for others.");
  await context.close();

  await bench.pane.getByRole("button", { name: "Go on from there" }).click();
  await expect(bench.pane).toContainText("Connected", { timeout: 40_000 });
});

test("a learner is not let into the admin's pages and calls", async ({ page, request, baseURL }) => {
  await page.goto("/admin/sandboxes");
  await expect(page.getByRole("heading", { name: "This page is for admins" })).toBeVisible();
  const answer = await request.post("/api/admin/sandboxes/01980000-0000-7000-8000-000000000000/stop", {
    headers: { origin: new URL(baseURL ?? "").origin },
    data: { reason: "admin-other" },
  });
  expect(answer.status()).toBe(404);
});

async function currentSandboxId(bench: Workbench): Promise<string> {
  const answer = await bench.page.request.get("/api/lessons/pods-come-and-go/me");
  const { sandbox } = (await answer.json()) as { sandbox: { id: string } };
  return sandbox.id;
}
