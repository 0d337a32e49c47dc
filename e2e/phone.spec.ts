import { expect, test } from "@playwright/test";
import { Workbench } from "./workbench";

test("on a phone one pane is shown at a time, and Run leads to the terminal", async ({ page }) => {
  const bench = await Workbench.open(page);
  const panes = page.getByRole("navigation", { name: "Panes" });
  await expect(bench.pane).toBeHidden();
  await panes.getByRole("button", { name: "Terminal" }).click();
  await expect(bench.pane).toBeVisible();
  await expect(page.getByRole("heading", { level: 1 })).toBeHidden();

  await panes.getByRole("button", { name: "Read" }).click();
  await page.getByRole("button", { name: "Run: kubectl get service web", exact: true }).click();
  await expect(bench.pane).toBeVisible();
  await expect(bench.pane).toContainText("Connected", { timeout: 40_000 });
  await bench.sees("Error from server (NotFound)");
});
