import { expect, test } from "@playwright/test";
import { Workbench } from "./workbench";

test("a friend watches a terminal by a link, and can do nothing there", async ({ page, browser, contextOptions }) => {
  const bench = await Workbench.open(page);
  await bench.start();
  await bench.run("echo seen-$((6 * 7))");
  await page.getByRole("button", { name: "Let others watch this terminal" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Make a link" }).click();
  const link = await dialog.getByRole("textbox", { name: "Link" }).inputValue();
  expect(link).toMatch(/\/watch#[\w-]{43}$/);

  const elsewhere = await browser.newContext(contextOptions);
  const friend = new Workbench(await elsewhere.newPage());
  await friend.page.goto(link);
  await friend.sees(/^seen-42$/m);
  await expect(friend.page.getByRole("status")).toContainText("You watch");
  expect(await elsewhere.cookies()).toEqual([]);
  await expect(dialog).toContainText("1 person is watching");

  await friend.page.getByRole("textbox").focus();
  await friend.page.keyboard.type("echo meddled\n");
  await dialog.getByRole("button", { name: "Close" }).click();
  await bench.run("echo after-$((1 + 1))");
  await friend.sees(/^after-2$/m);
  expect(await bench.screen()).not.toContain("meddled");

  await page.getByRole("button", { name: "Let others watch this terminal" }).click();
  await dialog.getByRole("button", { name: "End it" }).click();
  await expect(friend.page.getByRole("status")).toContainText("This link shows nothing any more");
  await expect(dialog).toContainText("Nobody is watching");
  await elsewhere.close();
});
