import { join } from "node:path";
import { test, type Page } from "@playwright/test";
import { ADMIN_STATE } from "./admin-state";
import { LESSON, Workbench } from "./workbench";

const folder = process.env.SLIPWAY_SHOTS ?? "";
const SIZES = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
];

for (const colorScheme of ["light", "dark"] as const) {
  test(`pictures of every page, ${colorScheme}`, async ({ browser }) => {
    const learner = await browser.newContext({ colorScheme, viewport: SIZES[0] });
    const page = await learner.newPage();
    const bench = await Workbench.open(page);
    await bench.start();
    await bench.run("kubectl create deployment web --image=nginx --replicas=3");
    await bench.isDone("run-three-pods");
    await bench.run("kubectl get pods -o wide");

    const admin = await browser.newContext({ colorScheme, storageState: ADMIN_STATE });
    const adminPage = await admin.newPage();
    for (const size of SIZES) {
      const shoot = async (of: Page, name: string, fullPage = false) =>
        of.screenshot({ path: join(folder, `${name}-${size.width}-${colorScheme}.png`), fullPage });
      await page.setViewportSize(size);
      await bench.task("run-three-pods").evaluate((card) => card.scrollIntoView({ block: "center" }));
      await page.waitForTimeout(400); // the terminal takes its new size
      await shoot(page, "lesson-running");
      if (size.width < 768) {
        await page.getByRole("navigation", { name: "Panes" }).getByRole("button", { name: "Terminal" }).click();
        await shoot(page, "terminal-running");
      }

      const visitor = await learner.newPage();
      await visitor.setViewportSize(size);
      for (const [name, path] of [
        ["home", "/"],
        ["course", "/courses/kubernetes-services"],
        ["not-found", "/nowhere"],
      ] as const) {
        await visitor.goto(path);
        await visitor.waitForLoadState("networkidle");
        await shoot(visitor, name, true);
      }
      await visitor.close();

      const stranger = await browser.newPage({ colorScheme, viewport: size });
      await stranger.goto(LESSON);
      await stranger.waitForLoadState("networkidle");
      await shoot(stranger, "lesson");
      await stranger.close();

      await adminPage.setViewportSize(size);
      await adminPage.goto("/admin/sandboxes");
      await shoot(adminPage, "admin");
      if (size.width >= 768) {
        await adminPage
          .getByRole("button", { name: /^Stop the sandbox/ })
          .first()
          .click();
        await shoot(adminPage, "admin-stop");
      }
    }
    await learner.close();
    await admin.close();
  });
}
