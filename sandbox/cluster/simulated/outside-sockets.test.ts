import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { FakeClock } from "../../simulator/clock";
import type { OpenPort, Outside } from "../../simulator/network/outside";
import { VirtualNetwork } from "../../simulator/network/virtual-network";
import { SeededRandom } from "../../simulator/random";
import { OutsideSockets } from "./outside-sockets";

let directory: string;
let ports: OpenPort[];
let tell: () => void;
let sockets: OutsideSockets;

const port = (number: number): OpenPort => ({ address: "172.18.0.3", port: number, kind: "node-port", of: "shop/web" });

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "outside-"));
  ports = [port(30080)];
  const network = new VirtualNetwork({ clock: new FakeClock(), random: new SeededRandom(1) });
  const host = network.attach("172.18.0.1", { kind: "outside", name: "outside" });
  const node = network.attach("172.18.0.3", { kind: "node", name: "kind-worker" });
  node.listen({ port: 30080 }, (connection) => {
    void (async () => {
      const said = new TextDecoder().decode(await connection.reader.read());
      await connection.writer.write(new TextEncoder().encode(said.toUpperCase()));
      connection.writer.end();
    })();
  });
  const outside: Outside = {
    openPorts: () => ports,
    onChange: (listener) => {
      tell = listener;
      return () => undefined;
    },
    dial: (target, options) => host.connect(target, options),
  };
  sockets = new OutsideSockets(directory, outside, (error) => expect.fail(String(error)));
});

afterEach(() => {
  sockets.close();
  rmSync(directory, { recursive: true });
});

async function readUntil(socket: ReturnType<typeof connect>, wanted: string): Promise<string> {
  let text = "";
  for await (const chunk of socket) {
    text += String(chunk);
    if (text.includes(wanted)) break;
  }
  return text;
}

async function ask(name: string, question: string): Promise<string> {
  const socket = connect(join(directory, name));
  socket.write(question);
  let text = "";
  for await (const chunk of socket) text += String(chunk);
  return text;
}

it("carries what comes by a port's socket to that port, and the answer back", async () => {
  await expect.poll(() => existsSync(join(directory, "172.18.0.3-30080"))).toBe(true);
  expect(await ask("172.18.0.3-30080", "hello")).toBe("HELLO");
});

it("tells which ports there are, and what changes", async () => {
  await expect.poll(() => readdirSync(directory).length).toBe(2);
  const control = connect(join(directory, "ports"));
  const told = readUntil(control, "+ 172.18.0.3 30081\n");
  await new Promise((resolve) => control.once("connect", resolve));
  await new Promise((resolve) => setImmediate(resolve));
  ports = [port(30081)];
  tell();
  expect((await told).trim().split("\n")).toEqual(["+ 172.18.0.3 30080", "- 172.18.0.3 30080", "+ 172.18.0.3 30081"]);
  expect(readdirSync(directory).sort()).toEqual(["172.18.0.3-30081", "ports"]);
});

it("ends a call to a port where nobody answers, and leaves nothing behind when it is closed", async () => {
  ports = [port(30099)];
  tell();
  await expect.poll(() => existsSync(join(directory, "172.18.0.3-30099"))).toBe(true);
  await expect(ask("172.18.0.3-30099", "hello").catch(() => "")).resolves.toBe("");
  sockets.close();
  expect(readdirSync(directory)).toEqual([]);
});
