import { expect, test, type Page } from "@playwright/test";
import { Workbench } from "./workbench";

const LESSON = "/courses/kubernetes-services/reaching-services/in-from-outside";
const NODE_PROMPT = /kind-worker\S*[#$] *$/;

test("reaches a cluster from a real workstation, and shows a Service in a tab of its own", async ({
  page,
  context,
  browser,
}) => {
  test.setTimeout(150_000);
  const bench = await Workbench.open(page, LESSON);
  await bench.start();
  /** Asks for a page and prints the answer's code behind a word. */
  const curl = (word: string, rest: string) => `curl -s -m 9 -o /dev/null -w '${word}-%{http_code}\\n' ${rest}`;
  const ip = (of: string) => `$(kubectl get svc ${of} -o jsonpath={.status.loadBalancer.ingress[0].ip})`;

  await test.step("by the three doors from outside", async () => {
    await bench.run("kubectl rollout status deployment/shop --timeout=60s");
    await bench.run("kubectl create service nodeport shop-node --tcp=80:80 --node-port=30080");
    await bench.run("kubectl set selector service shop-node app=shop");
    await bench.run("kubectl expose deployment shop --name=shop-out --port=80 --type=LoadBalancer");
    await bench.run("kubectl create ingress front --class=nginx --rule='shop.example/*=shop:80'");
    await bench.run("clear");
    await bench.run(curl("node", "http://172.18.0.3:30080"));
    await bench.run(curl("balancer", `http://${ip("shop-out")}`));
    await bench.run(`front=${ip("-n ingress-nginx ingress-nginx-controller")}`);
    await bench.run(curl("front", "-H 'Host: shop.example' http://$front"));
    await bench.run(curl("nobody", "-H 'Host: nobody.example' http://$front"));
    for (const seen of ["node-200", "balancer-200", "front-200", "nobody-404"]) {
      await bench.sees(new RegExp(`^${seen}$`, "m"));
    }
  });

  await test.step("a Service without endpoints refuses", async () => {
    await bench.run("clear; kubectl create service nodeport empty --tcp=80:80 --node-port=30099");
    await bench.run("curl -sv http://172.18.0.3:30099; echo code-$?");
    await bench.sees("Connection refused");
    await bench.sees(/^code-7$/m);
  });

  await test.step("by port-forward, but not by the cluster IP", async () => {
    await bench.run("clear; kubectl port-forward service/shop 8080:80 >/dev/null 2>&1 &");
    await bench.run(curl("forwarded", "--retry 30 --retry-delay 1 --retry-all-errors http://127.0.0.1:8080"));
    await bench.run("inside=$(kubectl get svc shop -o jsonpath={.spec.clusterIP}); kill %1");
    await bench.run("curl -s -m 2 http://$inside; echo from-here-$?; echo $inside");
    await bench.sees(/^forwarded-200$/m);
    await bench.sees(/^from-here-(7|28)$/m);
  });

  await test.step("by the cluster IP from a node", async () => {
    const inside = /^10\.\d+\.\d+\.\d+$/m.exec(await bench.screen())?.[0] ?? "";
    await bench.run("clear");
    await bench.run("slipway node-shell kind-worker", NODE_PROMPT);
    await bench.run(curl("from-node", `http://${inside}`), NODE_PROMPT);
    await bench.sees(/^from-node-200$/m);
    await bench.run("exit");
  });

  await test.step("in a new tab, for this learner only", async () => {
    await page.getByRole("button", { name: "Services", exact: true }).click();
    const opened = context.waitForEvent("page");
    await page.getByRole("link", { name: "Open shop, port 80, in a new tab" }).click();
    const preview = await opened;
    await expect(preview.locator("body")).toContainText(/shop|nginx/i);
    expect(new URL(preview.url()).hostname).toMatch(/^[a-z2-7]{32}\.preview\.localhost$/);
    expect(await preview.evaluate("document.cookie + (opener === null)")).toBe("true");

    await expectRefusal(await openEmpty(page), "No endpoints");
    const stranger = await browser.newContext();
    const other = await stranger.newPage();
    expect((await other.goto(preview.url()))?.status()).toBe(403);
    await expectRefusal(other, "This preview is not open to you");
    await stranger.close();
  });
});

async function openEmpty(page: Page): Promise<Page> {
  const opened = page.context().waitForEvent("page");
  await page.getByRole("link", { name: "Open empty, port 80, in a new tab" }).press("Enter");
  return opened;
}

async function expectRefusal(page: Page, title: string): Promise<void> {
  await expect(page.getByRole("heading", { level: 1, name: title })).toBeVisible();
}
