import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, type APIRequestContext, type Browser, type Page } from "@playwright/test";
import { ADMIN_STATE } from "./admin-state";
import { PROMPT, Workbench } from "./workbench";

/** Clusters that stand in for real ones, and a `kind` that fails as it is told (bin/stand-ins.mjs). */
const STAND_INS = process.env.SLIPWAY_STAND_INS ?? "";
test.skip(STAND_INS === "", "the drivers existing and kind are not set up here (SLIPWAY_STAND_INS)");

test("an admin allows somebody a shared cluster, who has it beside the simulated one", async ({ browser }) => {
  const admin = await adminAt(browser);
  const { page: adminPage } = admin;
  await adminPage.goto("/admin/sandboxes");
  await adminPage.getByRole("link", { name: "Clusters and people" }).click();
  await expect(adminPage.getByRole("heading", { name: "Clusters and people", level: 1 })).toBeVisible();
  await expect(adminPage.locator('[data-driver="existing"]')).toContainText("For accounts that you allow it");

  await adminPage.getByLabel("Invite a person").fill("Dora");
  await adminPage.getByRole("button", { name: "Make a link" }).click();
  const link = await adminPage.getByRole("textbox", { name: "The link" }).inputValue();
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(link);
  await page.getByRole("button", { name: "Sign in" }).click();
  const bench = await Workbench.open(page);
  await expect(bench.pane.getByRole("button", { name: "Start", exact: true })).toBeVisible();
  await expect(bench.pane.getByRole("group")).toHaveCount(0);

  await adminPage.reload();
  const box = adminPage.getByRole("checkbox", { name: "Dora may choose: Shared real cluster" }).first();
  await box.focus();
  await adminPage.keyboard.press("Space");
  await expect(box).toBeChecked();
  await expect(box, "can be changed again once it is saved").toBeEnabled();
  await adminPage.reload();
  await expect(box).toBeChecked();

  await page.reload();
  const choice = bench.pane.getByRole("group", { name: "What the cluster shall be" });
  await expect(choice.getByRole("radio")).toHaveCount(2);
  await choice.getByRole("radio", { name: "Simulated" }).focus();
  await page.keyboard.press("ArrowDown");
  await expect(choice.getByRole("radio", { name: "Shared real cluster" })).toBeChecked();
  await expect(choice).toContainText("A namespace of your own in a real cluster");
  await bench.pane.getByRole("button", { name: "Start", exact: true }).click();
  await expect(bench.pane).toContainText("Connected", { timeout: 40_000 });
  await expect(bench.pane).toContainText("shared cluster");
  await adminPage.goto("/admin/sandboxes");
  await expect(adminPage.locator("tr", { hasText: "Dora" }).first()).toContainText("Namespace");

  // Taken back, it is refused from the next start on.
  await adminPage.goto("/admin/clusters");
  await box.uncheck();
  await expect(
    adminPage.getByRole("checkbox", { name: "Dora may choose: Shared real cluster" }).first(),
  ).not.toBeChecked();
  await expect(box).toBeEnabled();
  await bench.stop();
  await bench.pane.getByRole("button", { name: "Go on from there" }).click();
  await expect(bench.pane).toContainText("Real clusters are for accounts that an admin allows.");
  await Promise.all([admin.close(), context.close()]);
});

test("a lesson on a shared cluster: graded, saved, brought back, rewound, apart from others", async ({ browser }) => {
  test.setTimeout(180_000);
  const admin = await adminAt(browser);
  const [ana, ben] = await Promise.all([
    learnerOf(browser, admin.request, "Ana", ["existing"]),
    learnerOf(browser, admin.request, "Ben", ["existing"]),
  ]);
  const [one, two] = await Promise.all([benchOn(ana.page, "existing"), benchOn(ben.page, "existing")]);
  await one.run("kubectl config view --minify -o jsonpath='{..namespace}'; echo");
  const namespace = /slipway-[0-9a-f]{12}/.exec(await one.screen())?.[0] ?? "";
  expect(namespace).not.toBe("");

  // Limited to what is theirs.
  await one.run("clear; kubectl get secrets -A; kubectl create namespace mine; kubectl get nodes -o name | wc -l");
  await one.sees(/secrets is forbidden/);
  await one.sees(/namespaces is forbidden/);
  await two.run(`kubectl get configmaps -n ${namespace}`);
  await two.sees(/configmaps is forbidden/);

  // Graded by the same checks.
  await one.run("clear; kubectl create deployment web --image=nginx --replicas=3");
  await one.isDone("run-three-pods");
  await one.run("echo kept-$((6 * 7)) >note");

  // A Service is listed as soon as it is there, and leads to its pods.
  await one.run("(sleep 4; kubectl expose deployment web --port 80) >/dev/null 2>&1 &");
  await one.page.getByRole("button", { name: "Services", exact: true }).click();
  await expect(one.page.getByRole("region", { name: "Services of your cluster" })).toContainText("no Service of yours");
  const link = one.page.getByRole("link", { name: "Open web, port 80, in a new tab" });
  const opened = one.page.context().waitForEvent("page");
  await link.click({ timeout: 30_000 });
  await expect((await opened).locator("body")).toContainText(/nginx/i);
  await (await opened).close();

  // Stopped, its namespace goes; it comes back with objects and files.
  await one.stop();
  await expect(one.pane).toContainText("Your cluster, files and screen are saved");
  await one.pane.getByRole("button", { name: "Go on from there" }).click();
  await expect(one.pane).toContainText("Connected", { timeout: 40_000 });
  await one.run("clear; cat note; kubectl get deployment web -o name; kubectl get pods --no-headers | wc -l");
  await one.sees(/kept-42\ndeployment\.apps\/web\n3/);

  // Back to the start of the second task: what came after the first was passed is undone.
  await one.run("kubectl create configmap mistake");
  const later = one.page.locator("[data-task]").nth(1);
  await later.getByRole("button", { name: "Back to the start of this task" }).click();
  await one.page.getByRole("dialog").getByRole("button", { name: "Go back" }).click();
  await expect(one.pane).toContainText("Connected", { timeout: 40_000 });
  await one.run("clear; kubectl get configmap mistake; kubectl get deployment web -o name");
  await one.sees(/"mistake" not found/);
  await one.sees("deployment.apps/web");

  // And to the start of the lesson.
  await one.page.locator("[data-task]").first().getByRole("button", { name: "Back to the start of this task" }).click();
  await one.page.getByRole("dialog").getByRole("button", { name: "Go back" }).click();
  await expect(one.pane).toContainText("Connected", { timeout: 40_000 });
  await one.sees(PROMPT);
  await one.run("clear; kubectl get deployments");
  await one.sees("No resources found");
  const { id } = await sandboxOf(one.page);
  expect((await one.page.request.post(`/api/sandboxes/${id}/extend`, { headers: originOf(one.page) })).status()).toBe(
    200,
  );
  await Promise.all([admin.close(), ana.close(), ben.close()]);
});

test.describe("a cluster made by kind", () => {
  test.describe.configure({ mode: "serial" });
  test.afterEach(() => rmSync(join(STAND_INS, "fault"), { force: true }));

  test("says step by step how it is made, and why it is not; a retry has it", async ({ browser }) => {
    test.setTimeout(180_000);
    const admin = await adminAt(browser);
    const learner = await learnerOf(browser, admin.request, "Kim", ["kind"]);
    const bench = await Workbench.open(learner.page);
    const choose = async (): Promise<void> => {
      await bench.pane.getByRole("radio", { name: "Real cluster of your own" }).check();
      await bench.pane.getByRole("button", { name: /^(Start|Start again|Go on from there)$/ }).click();
    };

    fault("hang");
    await choose();
    await expect(bench.pane).toContainText("A real cluster: the control plane");
    await expect(bench.pane).toContainText("It was not ready in time.", { timeout: 40_000 });

    for (const [name, reason] of [
      ["docker-gone", "What makes this kind of cluster does not answer."],
      ["disk-full", "Its cluster could not be made."],
      ["port-taken", "Its cluster could not be made."],
      ["name-taken", "Its cluster could not be made."],
      ["half-way", "Its cluster could not be made."],
    ] as const) {
      fault(name);
      await choose();
      await expect(bench.pane).toContainText("This sandbox has stopped", { timeout: 30_000 });
      await expect(bench.pane).toContainText(reason);
      await expect(bench.pane).toContainText("Try again");
    }
    const { page: adminPage } = admin;
    await adminPage.goto("/admin/sandboxes?show=all");
    await expect(adminPage.getByRole("table")).toContainText("no space left on device");

    fault("");
    await choose();
    await expect(bench.pane).toContainText("Connected", { timeout: 60_000 });
    await expect(bench.pane).toContainText("kind cluster");
    await bench.sees(PROMPT);
    await bench.run("kubectl auth can-i '*' '*'");
    await bench.sees(/yes/);
    await bench.run("clear; kubectl create deployment web --image=nginx --replicas=3");
    await bench.isDone("run-three-pods");
    await bench.stop();
    await Promise.all([admin.close(), learner.close()]);
  });
});

function fault(name: string): void {
  writeFileSync(join(STAND_INS, "fault"), name);
}

interface Somebody {
  readonly page: Page;
  readonly request: APIRequestContext;
  close(): Promise<void>;
}

async function adminAt(browser: Browser): Promise<Somebody> {
  const context = await browser.newContext({ storageState: ADMIN_STATE });
  return { page: await context.newPage(), request: context.request, close: () => context.close() };
}

/** A person with an account, who may choose these. */
async function learnerOf(
  browser: Browser,
  admin: APIRequestContext,
  name: string,
  drivers: readonly string[],
): Promise<Somebody> {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto("/");
  const headers = originOf(page);
  const invited = await admin.post("/api/admin/invites", { headers, data: { name } });
  const { path } = (await invited.json()) as { path: string };
  await page.goto(path);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page).toHaveURL(/\/$/);
  const me = await page.request.get("/api/me/export");
  const account = JSON.parse((await me.text()).split("\n")[0] ?? "{}") as { id: string };
  const allowed = await admin.post(`/api/admin/people/${account.id}/clusters`, { headers, data: { drivers } });
  expect(allowed.status()).toBe(200);
  return { page, request: context.request, close: () => context.close() };
}

async function benchOn(page: Page, driver: string): Promise<Workbench> {
  const bench = await Workbench.open(page);
  await bench.pane.locator(`input[value="${driver}"]`).check();
  await bench.pane.getByRole("button", { name: "Start", exact: true }).click();
  await expect(bench.pane).toContainText("Connected", { timeout: 40_000 });
  await bench.sees(PROMPT);
  return bench;
}

async function sandboxOf(page: Page): Promise<{ id: string }> {
  const answer = await page.request.get("/api/lessons/pods-come-and-go/me");
  return ((await answer.json()) as { sandbox: { id: string } }).sandbox;
}

function originOf(page: Page): { origin: string } {
  return { origin: new URL(page.url()).origin };
}
