import { expect, test } from "@playwright/test";
import { PROMPT, Workbench } from "./workbench";

test("says when it stops, warns, and is kept running with one click", async ({ page }) => {
  await page.clock.install();
  const bench = await Workbench.open(page);
  await bench.start();
  const line = page.locator("[data-lifetime]");
  await expect(line).toHaveText(/^Stops at \d\d:\d\d if nothing is typed; your work is saved\.$/);
  await expect(page.getByRole("alert").getByText("Keep it running")).toHaveCount(0);

  // The page's own clock, near the end of the hour.
  await page.clock.fastForward("57:00");
  const warning = page.getByRole("alert").filter({ hasText: "nothing has been typed for a while" });
  await expect(warning).toContainText("Your work is saved");
  const extended = page.waitForResponse((response) => response.url().endsWith("/extend"));
  await warning.getByRole("button", { name: "Keep it running" }).click();
  expect((await extended).status()).toBe(200);
});

test("comes back after the learner stopped it with objects, files, history, folder and screen", async ({ page }) => {
  const bench = await Workbench.open(page);
  await bench.start();
  await bench.run("kubectl create deployment web --image=nginx --replicas=1");
  await bench.run("mkdir deep && cd deep && echo kept-$((6 * 7)) >note", /deep\$ *$/);
  await page.getByRole("button", { name: "Stop this sandbox" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Stop it" }).click();
  await expect(bench.pane).toContainText("You stopped it.");
  await expect(bench.pane).toContainText("Your cluster, files and screen are saved");

  await bench.pane.getByRole("button", { name: "Go on from there" }).click();
  await expect(bench.pane).toContainText("Connected", { timeout: 20_000 });
  await bench.sees(/deep\$ *$/);
  await bench.sees("kubectl create deployment web");
  await bench.run("cat note; kubectl get deployment web -o name; history | grep -c mkdir", /deep\$ *$/);
  await bench.sees(/kept-42\ndeployment\.apps\/web\n[12]/);
});

test("goes back to the start of a task", async ({ page }) => {
  const bench = await Workbench.open(page);
  await bench.start();
  await bench.run("kubectl create configmap mistake");
  const task = page.locator("[data-task]").first();
  await task.getByRole("button", { name: "Back to the start of this task" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText("tasks you finished stay finished");
  await page.keyboard.press("Escape");
  await expect(dialog).toHaveCount(0);

  await task.getByRole("button", { name: "Back to the start of this task" }).click();
  await dialog.getByRole("button", { name: "Go back" }).click();
  await expect(bench.pane).toContainText("Connected", { timeout: 40_000 });
  await bench.sees(PROMPT);
  await bench.run("kubectl get configmap mistake");
  await bench.sees(/"mistake" not found/);
});

test("has several terminals, by mouse and by keyboard", async ({ page }) => {
  const bench = await Workbench.open(page);
  await bench.start();
  await bench.run("export WHICH=first");
  await page.getByRole("button", { name: "Open one more terminal" }).click();
  const tabs = page.getByRole("tablist", { name: "Terminals" }).getByRole("tab");
  await expect(tabs).toHaveText(["Terminal 1", "Terminal 2"]);
  await expect(tabs.nth(1)).toHaveAttribute("aria-selected", "true");
  const second = page.locator('[data-terminal="2"] .xterm-rows');
  await expect(second).toContainText(/[$#]/);
  await page.getByRole("textbox", { name: "Input of terminal 2" }).focus();
  await page.keyboard.type("echo [$WHICH] && kubectl get nodes -o name | tail -n 1\n");
  await expect(second).toContainText("node/kind-worker2");
  await expect(second).toContainText("[]");

  await tabs.nth(1).focus();
  await page.keyboard.press("ArrowLeft");
  await expect(tabs.nth(0)).toBeFocused();
  await expect(page.locator('[data-terminal="main"] .xterm-rows')).toBeVisible();
  await page.reload();
  await expect(tabs).toHaveCount(2, { timeout: 20_000 });
  await tabs.nth(1).click();
  await expect(second).toContainText("node/kind-worker2");
  await page.keyboard.press("Delete");
  await expect(tabs).toHaveCount(1);
});
