import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { ContainerFixture } from "../containers/container-fixture";
import { loadImages } from "./images";

describe("the images of the content folder", () => {
  const fixture = new ContainerFixture(undefined, loadImages());
  const ids: string[] = [];
  const run = async (image: string, config: Parameters<ContainerFixture["run"]>[1] = {}) => {
    const pod = await fixture.run(image, config);
    ids.push(pod.id);
    return pod;
  };
  let client = "";
  beforeAll(async () => {
    client = (await run("curlimages/curl", { command: ["sleep", "3600"] })).id;
  });
  afterAll(() => Promise.all(ids.map((id) => fixture.runtime.stopContainer(id, 0))));
  const curl = async (...words: string[]) => (await fixture.exec(client, ["curl", "-s", ...words])).stdout;
  const logged = (id: string, text: string) => vi.waitUntil(async () => (await fixture.logs(id)).includes(text));

  const exitCode = (id: string) => {
    const status = fixture.runtime.containerStatus(id);
    return status?.state === "exited" ? status.exitCode : undefined;
  };

  it("runs alpine's shell", async () => {
    const { id } = await run("alpine:3.22", { command: ["sleep", "3600"] });
    expect((await fixture.exec(id, ["sh", "-c", "cat /etc/alpine-release; ls /bin | wc -l"])).stdout).toMatch(
      /^3\.22\.\d+\n\d+\n$/,
    );
  });

  it("answers with the text http-echo was given, and complains without", async () => {
    const { id, ip } = await run("hashicorp/http-echo", { args: ["-text=hello there", "-listen=:8080"] });
    await logged(id, "server is listening on :8080");
    expect(await curl(`http://${ip}:8080/x`)).toBe("hello there\n");
    expect(await fixture.logs(id)).toContain('"GET /x HTTP/1.1" 200 12');
    const silent = await run("hashicorp/http-echo");
    await logged(silent.id, "Missing -text option!");
  });

  it("tells where it is as agnhost does", async () => {
    const { id, ip } = await run("registry.k8s.io/e2e-test-images/agnhost:2.53", {
      args: ["netexec", "--http-port=80"],
    });
    await logged(id, "Started HTTP server on port 80");
    expect(await curl(`http://${ip}/hostname`)).toBe("web");
    expect(await curl(`http://${ip}/echo?msg=a%20b`)).toBe("a b");
    expect(await curl(`http://${ip}/clientip`)).toMatch(/^10\.244\.1\.\d+:\d+$/);
    expect(await curl(`http://${ip}/shell?shell=echo%20hi`)).toBe('{"output":"hi\\n"}');
    expect(await curl("-o", "/dev/null", "-w", "%{http_code}", `http://${ip}/none`)).toBe("404");
    await curl(`http://${ip}/exit?code=3`);
    await vi.waitUntil(() => exitCode(id) === 3);
  });

  it("keeps values as redis does", async () => {
    const { id, ip } = await run("redis:7");
    await logged(id, "Ready to accept connections");
    const cli = async (...words: string[]) => (await fixture.exec(id, ["redis-cli", ...words])).stdout;
    expect(await cli("PING")).toBe("PONG\n");
    expect(await cli("SET", "greeting", "grüß dich")).toBe("OK\n");
    expect(await cli("GET", "greeting")).toBe("grüß dich\n");
    expect(await cli("GET", "nothing")).toBe("\n");
    expect(await cli("INCR", "hits")).toBe("1\n");
    expect(await cli("INCRBY", "hits", "5")).toBe("6\n");
    expect(await cli("INCR", "greeting")).toBe("ERR value is not an integer or out of range\n");
    expect(await cli("RPUSH", "list", "a", "b", "c")).toBe("3\n");
    expect(await cli("LRANGE", "list", "0", "-1")).toBe("a\nb\nc\n");
    expect(await cli("GET", "list")).toMatch(/^WRONGTYPE/);
    expect(await cli("KEYS", "g*")).toBe("greeting\n");
    expect(await cli("NOSUCH", "x")).toMatch(/^ERR unknown command 'NOSUCH'/);
    expect(await cli("-h", ip, "DEL", "hits", "list")).toBe("2\n");
    const refused = await fixture.exec(client, ["sh", "-c", `printf 'PING\\r\\nQUIT\\r\\n' | nc ${ip} 6379`]);
    expect(refused.stdout).toBe("+PONG\r\n+OK\r\n");
  });

  it("fails every third request of the flaky one, but not its health check", async () => {
    const { id, ip } = await run("ghcr.io/slipway/flaky:1");
    await logged(id, "listening on :8080");
    const codes: string[] = [];
    for (const path of ["/", "/healthz", "/", "/", "/"])
      codes.push(await curl("-o", "/dev/null", "-w", "%{http_code}", `http://${ip}:8080${path}`));
    expect(codes).toEqual(["200", "200", "200", "500", "200"]);
  });

  it("crashes when told to", async () => {
    const { id, ip } = await run("ghcr.io/slipway/web:1", {
      env: [
        { name: "CRASH_AFTER", value: "1" },
        { name: "MESSAGE", value: "moin" },
      ],
    });
    await logged(id, "listening on :8080");
    expect(await curl(`http://${ip}:8080/`)).toBe("moin from web\n");
    await curl(`http://${ip}:8080/`);
    await vi.waitUntil(() => exitCode(id) === 1);
    expect(await fixture.logs(id)).toContain("fatal: request 2 was one too many");
  });
});
