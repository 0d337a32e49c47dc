import { expect, test } from "@playwright/test";
import { POD_PROMPT, PROMPT, Workbench } from "./workbench";

test("a guest does the whole lesson by typing, with a wrong turn at each task", async ({ page }) => {
  test.setTimeout(240_000);
  await page.goto("/");
  await page.getByRole("link", { name: "Start the first lesson" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Pods come and go" })).toBeVisible();
  const bench = new Workbench(page);
  await expect(bench.pane).toContainText("Your cluster starts when you type");

  await test.step("the first keystroke starts the sandbox", async () => {
    await bench.start();
    await expect(page.getByText("Guest")).toHaveCount(1);
  });

  await test.step("task 1: two pods are not three", async () => {
    await bench.run("kubectl create deployment web --image=nginx --replicas=2");
    await expect(bench.task("run-three-pods")).toContainText(/Not yet: Deployment web .*2.* not 3\./);
    await bench.run("kubectl scale deployment web --replicas=3");
    await bench.isDone("run-three-pods");
  });

  await test.step("a prediction that does not come true is kept, with the reason", async () => {
    const prediction = bench.question("after-delete");
    await prediction.getByLabel("Two pods. I deleted one, so one is gone.").check();
    await prediction.getByRole("button", { name: "Make this prediction" }).click();
    await expect(prediction).toContainText("But the Deployment still asks for three");
    await expect(prediction).toContainText("It comes out differently. Now try it.");
  });

  await test.step("task 2: a command of the text, run with one click", async () => {
    await expect(bench.task("replace-a-pod")).toContainText("Delete one.");
    await page.getByRole("button", { name: /^Run: kubectl delete pod/ }).click();
    await bench.sees(/pod "web-\S+" deleted/);
    await bench.isDone("replace-a-pod");
  });

  await test.step("the quiz: a wrong answer gets its reason, then the right one", async () => {
    const quiz = bench.question("why-not-the-pod-ip");
    await quiz.getByLabel("The address expires after a day").check();
    await quiz.getByRole("button", { name: "Check the answer" }).click();
    await expect(quiz).toContainText("A pod keeps its address as long as it lives");
    await expect(quiz).toContainText("Not yet. Choose again.");
    await quiz.getByLabel("The pod is replaced, by a new version").check();
    await quiz.getByRole("button", { name: "Check the answer" }).click();
    await expect(quiz).toContainText("That is right.");
  });

  await test.step("task 3: a selector with a typo", async () => {
    await bench.run("kubectl expose deployment web --port=80 --selector=app=wep");
    await expect(bench.task("stable-address")).toContainText(
      "Not yet: Service web selects app=wep: no pod has that label.",
    );
    await bench.run("kubectl delete service web");
    await bench.run("kubectl expose deployment web --port=80");
    await bench.isDone("stable-address");
  });

  await test.step("the Service answers by name from inside the cluster", async () => {
    await bench.run("clear");
    await bench.run("kubectl run test-client --rm -it --image=busybox --restart=Never -- sh", POD_PROMPT);
    await bench.run("wget -qO- http://web", POD_PROMPT);
    await bench.sees("Welcome to nginx!");
    await bench.run("exit", PROMPT);
  });

  await test.step("everything is still done after a reload, and on the course page", async () => {
    await page.reload();
    for (const id of ["run-three-pods", "replace-a-pod", "stable-address"]) await bench.isDone(id);
    await expect(bench.question("why-not-the-pod-ip")).toContainText("That is right.");
    await expect(bench.question("after-delete")).toContainText("But the Deployment still asks for three");
    await page.goto("/courses/kubernetes-services");
    await expect(page.getByRole("img", { name: "Lesson done" })).toBeVisible();
  });
});

test("the lesson can be read without an account and without a cluster", async ({ browser }) => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto("/courses/kubernetes-services/why-services/pods-come-and-go");
  await expect(page.getByRole("heading", { name: "Something that stays" })).toBeVisible();
  await expect(page.getByRole("img", { name: /A Deployment named web owns a ReplicaSet/ })).toBeVisible();
  expect(await context.cookies()).toEqual([]);
  await context.close();
});
