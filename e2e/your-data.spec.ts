import { readFileSync } from "node:fs";
import { expect, test } from "@playwright/test";
import { Workbench } from "./workbench";

test("a learner takes everything along, and has it erased while a sandbox runs", async ({ page }) => {
  const bench = await Workbench.open(page);
  await bench.start();
  await bench.run("kubectl create configmap mine --from-literal=secret=pearl");
  // What was written is saved a second later.
  await expect.poll(async () => (await me(bench)).sandbox?.savedAt ?? null).not.toBeNull();

  await page.goto("/");
  await page.getByRole("link", { name: "Your data" }).click();
  const downloading = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download everything" }).click();
  const lines = readFileSync(await (await downloading).path(), "utf8")
    .trimEnd()
    .split("\n");
  const kinds = lines.map((line) => (JSON.parse(line) as { kind: string }).kind);
  expect(kinds).toEqual(
    expect.arrayContaining(["account", "session", "sandbox", "event", "cluster", "home", "terminal"]),
  );

  await page.getByRole("button", { name: "Erase everything" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Erase it" }).click();
  await expect(page.getByText("Everything is erased.")).toBeVisible({ timeout: 30_000 });
  expect((await me(bench)).viewer ?? null).toBeNull();
  expect((await page.request.get("/api/me/export")).status()).toBe(401);
});

interface Me {
  viewer?: object | null;
  sandbox?: { savedAt: string | null } | null;
}

async function me({ page }: Workbench): Promise<Me> {
  return (await (await page.request.get("/api/lessons/pods-come-and-go/me")).json()) as Me;
}
