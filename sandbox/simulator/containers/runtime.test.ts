import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import { FakeClock } from "../clock";
import { describeContainerRuntime } from "../kubelet/container-runtime.contract";
import { StartContainerError } from "../kubelet/container-runtime";
import { ContainerFixture, finish } from "./container-fixture";

describeContainerRuntime("our own runtime", async () => {
  const clock = new FakeClock();
  const { runtime, network } = new ContainerFixture(clock);
  const pulling = runtime.pullImage("busybox:1.36");
  await clock.advance(3000);
  await pulling;
  return {
    runtime,
    network,
    advance: (ms) => clock.advance(ms),
    images: { present: "busybox:1.36", pullable: "nginx:1.27", missing: "nginx:1.99" },
    commands: {
      forever: ["sleep", "3600"],
      ignoresTerm: ["sh", "-c", "trap '' TERM; while true; do sleep 1; done"],
      printsAndFails: ["sh", "-c", "echo one; echo two; exit 3"],
      succeeds: ["true"],
    },
  };
});

describe("the container runtime", () => {
  it("says what a registry would of an image that is not there", async () => {
    const { runtime } = new ContainerFixture();
    await expect(runtime.pullImage("nginx:1.99")).rejects.toThrow(
      'rpc error: code = NotFound desc = failed to pull and unpack image "docker.io/library/nginx:1.99": failed to resolve image: docker.io/library/nginx:1.99: not found',
    );
  });

  it("lets one who waits for an image give up without the others, and forgets the signal afterwards", async () => {
    const clock = new FakeClock();
    const { runtime } = new ContainerFixture(clock);
    const impatient = new AbortController();
    const patient = new AbortController();
    const given = runtime.pullImage("nginx:1.27", impatient.signal);
    const kept = runtime.pullImage("nginx:1.27", patient.signal);
    impatient.abort();
    await expect(given).rejects.toThrow("rpc error: code = Canceled desc = context canceled");
    await clock.advance(3000);
    expect((await kept).reference).toBe("docker.io/library/nginx:1.27");
    expect(getEventListeners(patient.signal, "abort")).toEqual([]);
  });

  it("refuses a command that is not in the image, and keeps the container as exited with StartError", async () => {
    const fixture = new ContainerFixture();
    const starting = fixture.run("busybox", { command: ["nosuch"] });
    await expect(starting).rejects.toThrow(StartContainerError);
    await expect(starting).rejects.toThrow('exec: "nosuch": executable file not found in $PATH');
  });

  it("names the program that exec cannot find as runc does", async () => {
    const fixture = new ContainerFixture();
    const { id } = await fixture.run("nginx:1.27");
    await expect(fixture.exec(id, ["nosuchcommand"])).rejects.toThrow(
      /^failed to exec in container: failed to start exec "[0-9a-f]{64}": OCI runtime exec failed: exec failed: unable to start container process: exec: "nosuchcommand": executable file not found in \$PATH$/,
    );
  });

  it("ends the default shell of busybox at once when nobody types", async () => {
    const fixture = new ContainerFixture();
    const { id } = await fixture.run("busybox");
    await expect.poll(() => fixture.runtime.containerStatus(id)?.state).toBe("exited");
    expect(fixture.runtime.containerStatus(id)).toMatchObject({ exitCode: 0, reason: "Completed" });
  });

  it("lets number 1 ignore SIGTERM it has no handler for, until the grace period is over", async () => {
    const clock = new FakeClock();
    const fixture = new ContainerFixture(clock);
    const running = fixture.run("busybox", { command: ["sleep", "3600"] });
    await clock.advance(1000);
    const { id } = await running;
    const stopping = fixture.runtime.stopContainer(id, 4000);
    await clock.advance(3900);
    expect(fixture.runtime.containerStatus(id)?.state).toBe("running");
    await clock.advance(200);
    await stopping;
    expect(fixture.runtime.containerStatus(id)).toMatchObject({ state: "exited", exitCode: 137 });
  });

  it("feeds an attached client's input to the container and ends it with stdinOnce", async () => {
    const fixture = new ContainerFixture();
    const { id } = await fixture.run("busybox", { args: ["sh"], stdin: true, stdinOnce: true });
    const session = await fixture.runtime.attach(id, { stdin: true, stdout: true, stderr: true, tty: false });
    const { stdout, stderr } = await finish(session, "hostname\nnosuch\nread x\nvalue\necho $x");
    expect(stdout).toBe("web\nvalue\n");
    expect(stderr).toBe("sh: nosuch: not found\n");
    expect(fixture.runtime.containerStatus(id)?.state).toBe("exited");
    expect(await fixture.logs(id)).toBe("web\nsh: nosuch: not found\nvalue\n");
  });

  it("shares a volume between containers and shows what the kubelet changes in it", async () => {
    const fixture = new ContainerFixture();
    const volume = { files: new Map([["key", { content: new TextEncoder().encode("old"), mode: 0o644 }]]) };
    const mounts = [{ containerPath: "/data/v", readOnly: false, volume }];
    const first = await fixture.run("busybox", { command: ["sleep", "60"], mounts });
    const second = await fixture.start("busybox", {
      command: ["sleep", "60"],
      mounts: [{ containerPath: "/ro", readOnly: true, volume }],
    });
    await fixture.exec(first.id, [
      "sh",
      "-c",
      "mkdir -p /data/v/a/b; echo hi > /data/v/a/b/c; rm /data/v/a/b/c; echo x > /data/v/new",
    ]);
    volume.files.set("key", { content: new TextEncoder().encode("changed"), mode: 0o644 });
    expect((await fixture.exec(second.id, ["sh", "-c", "ls -R /ro; cat /ro/key"])).stdout).toBe(
      "/ro:\na\nkey\nnew\n\n/ro/a:\nb\n\n/ro/a/b:\nchanged",
    );
    expect((await fixture.exec(second.id, ["touch", "/ro/x"])).stderr).toBe("touch: /ro/x: Read-only file system\n");
  });

  it("keeps one container's changes from another of the same image", async () => {
    const fixture = new ContainerFixture();
    const first = await fixture.run("nginx");
    const second = await fixture.start("nginx");
    await fixture.exec(first.id, [
      "sh",
      "-c",
      "echo changed > /usr/share/nginx/html/index.html; rm /usr/share/nginx/html/50x.html",
    ]);
    expect((await fixture.exec(first.id, ["ls", "/usr/share/nginx/html"])).stdout).toBe("index.html\n");
    expect((await fixture.exec(second.id, ["ls", "/usr/share/nginx/html"])).stdout).toBe("50x.html\nindex.html\n");
    expect((await fixture.exec(second.id, ["cat", "/usr/share/nginx/html/index.html"])).stdout).toContain(
      "Welcome to nginx!",
    );
  });

  it("stops nginx gently on its image's signal", async () => {
    const fixture = new ContainerFixture();
    const { id } = await fixture.run("nginx");
    await expect.poll(() => fixture.logs(id)).toContain("start worker process");
    await fixture.runtime.stopContainer(id, 30_000);
    expect(fixture.runtime.containerStatus(id)).toMatchObject({ state: "exited", exitCode: 0, reason: "Completed" });
  });

  it("lets a busy loop starve nobody, and kills it", async () => {
    const fixture = new ContainerFixture();
    const { id } = await fixture.run("busybox", { command: ["sh", "-c", "while :; do :; done"] });
    const began = Date.now();
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setTimeout(resolve, 1));
    expect(Date.now() - began).toBeLessThan(1000);
    await fixture.runtime.stopContainer(id, 0);
    expect(fixture.runtime.containerStatus(id)).toMatchObject({ state: "exited", exitCode: 137 });
  });

  it("caps processes and files", async () => {
    const fixture = new ContainerFixture();
    const { id } = await fixture.run("busybox", { command: ["sleep", "600"] });
    const bomb = await fixture.exec(id, ["sh", "-c", "i=0; while [ $i -lt 300 ]; do sleep 500 & i=$((i+1)); done"]);
    expect(bomb.stderr).toContain("Resource temporarily unavailable");
    expect(bomb.code).toBe(2);
    const other = await fixture.start("busybox", { command: ["sleep", "600"] });
    const disk = await fixture.exec(other.id, ["sh", "-c", "yes > /tmp/big; ls -l /tmp/big >/dev/null && echo there"]);
    expect(disk.stderr).toContain("No space left on device");
  });
});
