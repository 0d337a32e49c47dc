import { expect, test } from "@playwright/test";
import { ADMIN_STATE, adminLink } from "./admin-state";

test("the one-time link signs an admin in, once", async ({ page, browser }) => {
  const link = adminLink();
  await page.goto(link);
  await page.getByRole("button", { name: "Sign in as admin" }).click();
  await expect(page.getByRole("heading", { name: "Sandboxes" })).toBeVisible();
  await page.context().storageState({ path: ADMIN_STATE });

  const stranger = await browser.newPage();
  await stranger.goto(link);
  await stranger.getByRole("button", { name: "Sign in as admin" }).click();
  await expect(stranger.getByRole("heading", { name: "This link does not work" })).toBeVisible();
  await stranger.goto(new URL("/admin/sandboxes", link).href);
  await expect(stranger.getByRole("heading", { name: "This page is for admins" })).toBeVisible();
  await stranger.close();
});
