import { expect, test } from "@playwright/test";
import { PROMPT, Workbench } from "./workbench";

test("a reload keeps shell, scrollback and cluster, and a second tab shows the same terminal", async ({ page }) => {
  const bench = await Workbench.open(page);
  await bench.start();
  await bench.run("export MARK=kept-$((40 + 2))");
  await bench.run("kubectl create deployment web --image=nginx --replicas=1");
  await bench.run("echo before-$MARK");
  await bench.sees("before-kept-42");

  await page.reload();
  await expect(bench.pane).toContainText("Connected", { timeout: 20_000 });
  await bench.sees("before-kept-42");
  await bench.run("echo after-$MARK");
  await bench.sees("after-kept-42");
  await bench.run("kubectl get deployment web -o name");
  await bench.sees("deployment.apps/web");

  const other = new Workbench(await page.context().newPage());
  await other.page.goto(page.url());
  await other.sees("after-kept-42");
  await other.run("echo from-the-second-tab");
  await bench.sees(/^from-the-second-tab$/m);
});

test("the network goes away and comes back without a lost keystroke", async ({ page, context }) => {
  const bench = await Workbench.open(page);
  await bench.start();
  await bench.run("echo one");
  await context.setOffline(true);
  await page.evaluate(() => window.dispatchEvent(new Event("offline")));
  await context.setOffline(false);
  await bench.run("echo two");
  await bench.sees(/^two$/m);
});

test("Ctrl-C, Tab and a resize work as in any terminal", async ({ page }) => {
  const bench = await Workbench.open(page);
  await bench.start();
  await bench.input.focus();
  await page.keyboard.type("sleep 100");
  await page.keyboard.press("Enter");
  await page.waitForTimeout(300);
  await page.keyboard.press("Control+c");
  await bench.sees(new RegExp(`\\^C[\\s\\S]*${PROMPT.source}`));

  await page.keyboard.type("kubectl get depl");
  await page.keyboard.press("Tab");
  await bench.sees(/kubectl get deployments\.apps/);
  await page.keyboard.press("Control+c");
  await bench.sees(PROMPT);

  await bench.run("tput cols");
  const before = columnsOn(await bench.screen());
  await page.setViewportSize({ width: 1100, height: 700 });
  await bench.run("clear");
  await bench.run("tput cols");
  expect(columnsOn(await bench.screen())).toBeLessThan(before);
});

function columnsOn(screen: string): number {
  return Number(/tput cols\n(\d+)/.exec(screen)?.[1]);
}
