import { AxeBuilder } from "@axe-core/playwright";
import { expect, test } from "@playwright/test";
import { ADMIN_STATE } from "./admin-state";
import { LESSON } from "./workbench";

const PAGES = [
  { name: "home", path: "/" },
  { name: "course", path: "/courses/kubernetes-services" },
  { name: "lesson", path: LESSON },
  { name: "admin", path: "/admin/sandboxes?show=all", admin: true },
  { name: "admin, clusters and people", path: "/admin/clusters", admin: true },
  { name: "an invitation that is not good", path: "/enter" },
  { name: "admin, refused", path: "/admin/sandboxes" },
  { name: "your data", path: "/your-data" },
  { name: "watch", path: "/watch" },
  { name: "not found", path: "/nowhere" },
];

for (const { name, path, admin } of PAGES) {
  for (const colorScheme of ["light", "dark"] as const) {
    test(`axe finds nothing on the page: ${name}, ${colorScheme}`, async ({ browser, contextOptions }) => {
      const context = await browser.newContext({
        ...contextOptions,
        colorScheme,
        ...(admin ? { storageState: ADMIN_STATE } : {}),
      });
      const page = await context.newPage();
      await page.goto(path);
      await page.waitForLoadState("networkidle");
      await expect(page.getByRole("heading", { level: 1 })).toHaveCount(1);
      expect(await wideOverflow(page.locator("html").evaluate((html) => html.scrollWidth - html.clientWidth))).toBe(0);
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.map(({ id, nodes }) => ({ id, where: nodes.map((node) => node.target.join(" ")) }))).toEqual(
        [],
      );
      await context.close();
    });
  }
}

/** A page that scrolls sideways is broken on a phone; a pixel of rounding is not. */
async function wideOverflow(pixels: Promise<number>): Promise<number> {
  return Math.max(0, (await pixels) - 1);
}
