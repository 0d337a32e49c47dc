import { expect, test } from "@playwright/test";
import { BreakableNetwork } from "./breakable-network";
import { PROMPT, Workbench } from "./workbench";

test("a reload keeps shell, scrollback and cluster; a second tab and a second browser show the same terminal", async ({
  page,
  context,
  browser,
  contextOptions,
}) => {
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

  const tab = new Workbench(await context.newPage());
  const elsewhere = await browser.newContext({ ...contextOptions, storageState: await context.storageState() });
  const browserTwo = new Workbench(await elsewhere.newPage());
  for (const [other, words] of [
    [tab, "from-the-second-tab"],
    [browserTwo, "from-the-second-browser"],
  ] as const) {
    await other.page.goto(page.url());
    await other.sees("after-kept-42");
    await other.run(`echo ${words}`);
    await bench.sees(new RegExp(`^${words}$`, "m"));
  }
  await elsewhere.close();
});

test("the network is cut for half a minute, and no keystroke and no line is lost", async ({
  browser,
  contextOptions,
}) => {
  const network = await BreakableNetwork.open();
  const context = await browser.newContext({ ...contextOptions, proxy: network.proxy });
  const page = await context.newPage();
  await page.clock.install();
  const bench = await Workbench.open(page);
  await bench.start();
  await bench.input.focus();
  await page.keyboard.type("for i in 1 2 3; do sleep 1; echo line-$i-$((i * i)); done\n");
  await bench.sees(/^line-1-1$/m);
  network.cut();
  await expect(bench.pane).toContainText("Connection lost");
  await page.keyboard.type("echo typed-$((40 + 2))\n");
  // The page's own clock: it has tried again and again, and waits longer each time.
  await page.clock.fastForward("00:30");
  await expect(bench.pane).toContainText("Connection lost");
  network.mend();
  await page.clock.fastForward("00:30");
  await expect(bench.pane).toContainText("Connected");
  await bench.sees(/^line-3-9$/m);
  await bench.sees(/^typed-42$/m);
  const lines = (await bench.screen()).split("\n").filter((line) => /^(line|typed)-[\d-]+$/.test(line));
  expect(lines).toEqual(["line-1-1", "line-2-4", "line-3-9", "typed-42"]);
  await context.close();
  network.close();
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
