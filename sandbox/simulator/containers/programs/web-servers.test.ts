import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { ContainerFixture } from "../container-fixture";

describe("web servers in containers", () => {
  const fixture = new ContainerFixture();
  let client = "";
  let nginx = { id: "", ip: "" };
  let httpd = { id: "", ip: "" };
  beforeAll(async () => {
    client = (await fixture.run("busybox", { command: ["sleep", "3600"] })).id;
    nginx = await fixture.run("nginx:1.27");
    httpd = await fixture.run("httpd");
    await vi.waitUntil(async () => (await fixture.logs(nginx.id)).includes("start worker process"));
    await vi.waitUntil(async () => (await fixture.logs(httpd.id)).includes("resuming normal operations"));
  });
  afterAll(async () => {
    for (const id of [client, nginx.id, httpd.id]) await fixture.runtime.stopContainer(id, 0);
  });
  const wget = (...words: string[]) => fixture.exec(client, ["wget", ...words]);

  it("serves nginx's welcome page, byte for byte", async () => {
    const { stdout } = await wget("-qO-", `http://${nginx.ip}/`);
    expect(stdout).toHaveLength(615);
    expect(stdout.split("\n").filter((line) => line.includes("nginx"))).toHaveLength(6);
  });

  it("answers HEAD and headers as nginx does", async () => {
    const { stdout } = await fixture.exec(nginx.id, ["curl", "-sI", "http://localhost/"]);
    expect(stdout.split("\r\n").map((line) => line.split(":")[0])).toEqual([
      "HTTP/1.1 200 OK",
      "Server",
      "Date",
      "Content-Type",
      "Last-Modified",
      "ETag",
      "Accept-Ranges",
      "Content-Length",
      "Connection",
      "",
      "",
    ]);
    expect(stdout).toContain("Content-Length: 615\r\n");
    const missing = await fixture.exec(nginx.id, ["curl", "-s", "-w", "%{http_code}\\n", "http://localhost/none"]);
    expect(missing.stdout).toBe(
      "<html>\r\n<head><title>404 Not Found</title></head>\r\n<body>\r\n<center><h1>404 Not Found</h1></center>\r\n<hr><center>nginx/1.27.5</center>\r\n</body>\r\n</html>\r\n404\n",
    );
  });

  it("logs each request, and what was not there", async () => {
    await wget("-qO-", `http://${nginx.ip}/gone`);
    const log = await fixture.logs(nginx.id);
    expect(log).toMatch(
      /^10\.244\.1\.\d+ - - \[\d\d\/\w{3}\/\d{4}:\d\d:\d\d:\d\d \+0000\] "GET \/gone HTTP\/1\.1" 404 153 "-" "Wget" "-"$/m,
    );
    expect(log).toMatch(
      /\[error\] \d+#\d+: \*\d+ open\(\) "\/usr\/share\/nginx\/html\/gone" failed \(2: No such file or directory\), client: /,
    );
  });

  it("takes a changed configuration on reload, and refuses a wrong one", async () => {
    await fixture.exec(
      nginx.id,
      ["sh", "-c", "cat > /etc/nginx/conf.d/b.conf"],
      "server { listen 8080; location / { return 200 'from $hostname\\n'; } location = /old { return 301 /new; } }",
    );
    expect((await fixture.exec(nginx.id, ["nginx", "-t"])).stderr).toBe(
      "nginx: the configuration file /etc/nginx/nginx.conf syntax is ok\nnginx: configuration file /etc/nginx/nginx.conf test is successful\n",
    );
    await fixture.exec(nginx.id, ["nginx", "-s", "reload"]);
    await expect.poll(async () => (await wget("-qO-", `http://${nginx.ip}:8080/x`)).stdout).toBe("from web\n");
    await fixture.exec(nginx.id, ["sh", "-c", "echo 'serer {}' > /etc/nginx/conf.d/c.conf"]);
    const wrong = await fixture.exec(nginx.id, ["nginx", "-t"]);
    expect(wrong.stderr).toBe(
      'nginx: [emerg] unknown directive "serer" in /etc/nginx/conf.d/c.conf:1\nnginx: configuration file /etc/nginx/nginx.conf test failed\n',
    );
    expect(wrong.code).toBe(1);
    await fixture.exec(nginx.id, ["rm", "/etc/nginx/conf.d/c.conf"]);
  });

  it("serves httpd's page and its 404", async () => {
    expect((await wget("-qO-", `http://${httpd.ip}`)).stdout).toBe("<html><body><h1>It works!</h1></body></html>\n");
    const missing = await wget("-qO-", `http://${httpd.ip}/missing`);
    expect(missing).toEqual({ stdout: "", stderr: "wget: server returned error: HTTP/1.1 404 Not Found\n", code: 1 });
    expect(await fixture.logs(httpd.id)).toMatch(/"GET \/missing HTTP\/1\.1" 404 196$/m);
  });

  it("speaks of failures in wget's and curl's words", async () => {
    expect((await wget("-T", "2", `http://${nginx.ip}:81`)).stderr).toBe(
      `Connecting to ${nginx.ip}:81 (${nginx.ip}:81)\nwget: can't connect to remote host (${nginx.ip}): Connection refused\n`,
    );
    expect((await wget("-qT", "1", "http://10.244.1.200")).stderr).toBe("wget: download timed out\n");
    const refused = await fixture.exec(nginx.id, ["curl", "http://127.0.0.1:81"]);
    expect(refused.code).toBe(7);
    expect(refused.stderr).toMatch(
      /^curl: \(7\) Failed to connect to 127\.0\.0\.1 port 81 after \d+ ms: Couldn't connect to server\n$/,
    );
  });

  it("has in each image only the tools of the real one", async () => {
    const has = async (id: string, name: string): Promise<boolean> =>
      (await fixture.exec(id, ["sh", "-c", `command -v ${name}`])).code === 0;
    expect(
      await Promise.all(["curl", "wget", "ping", "nslookup", "ps", "bash"].map((name) => has(nginx.id, name))),
    ).toEqual([true, false, false, false, false, true]);
    expect(await Promise.all(["curl", "wget", "perl"].map((name) => has(httpd.id, name)))).toEqual([
      false,
      false,
      false,
    ]);
    expect(
      await Promise.all(["wget", "nslookup", "ping", "ps", "curl", "bash"].map((name) => has(client, name))),
    ).toEqual([true, true, true, true, false, false]);
  });
});
