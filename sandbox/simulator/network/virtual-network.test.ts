/* eslint-disable @typescript-eslint/require-await -- the port is asynchronous, what stands in for it is not */
import { describe, expect, it } from "vitest";
import { FakeClock } from "../clock";
import { readAll } from "../pipe";
import { SeededRandom } from "../random";
import {
  AddressInUseError,
  ConnectionRefusedError,
  ConnectionResetError,
  ConnectionTimeoutError,
  type Connection,
} from "./network";
import { VirtualNetwork } from "./virtual-network";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (data: Uint8Array | undefined): string => new TextDecoder().decode(data);

function twoPods() {
  const clock = new FakeClock();
  const network = new VirtualNetwork({ clock, random: new SeededRandom(1) });
  const client = network.attach("10.244.1.2", { kind: "pod", name: "default/client", node: "kind-worker" });
  const server = network.attach("10.244.2.2", { kind: "pod", name: "default/server", node: "kind-worker2" });
  return { clock, network, client, server };
}

describe("a virtual network", () => {
  it("carries bytes both ways and ends each direction on its own", async () => {
    const { client, server } = twoPods();
    server.listen({ port: 80 }, (connection) => void echoUpperCase(connection));
    const connection = await client.connect({ address: "10.244.2.2", port: 80 });
    await connection.writer.write(bytes("hello"));
    connection.writer.end();
    expect(text(await readAll(connection.reader))).toBe("HELLO");
  });

  it("shows each side the other's address", async () => {
    const { client, server } = twoPods();
    const accepted = new Promise<Connection>((resolve) => server.listen({ port: 80 }, resolve));
    const connection = await client.connect({ address: "10.244.2.2", port: 80 });
    const other = await accepted;
    expect(connection.remote).toEqual({ address: "10.244.2.2", port: 80 });
    expect(other.remote).toEqual(connection.local);
    expect(connection.local.address).toBe("10.244.1.2");
  });

  it("holds a writer back until the reader has taken enough", async () => {
    const { client, server } = twoPods();
    const accepted = new Promise<Connection>((resolve) => server.listen({ port: 80 }, resolve));
    const connection = await client.connect({ address: "10.244.2.2", port: 80 });
    let written = false;
    const writing = connection.writer.write(new Uint8Array(100_000)).then(() => (written = true));
    await Promise.resolve();
    expect(written).toBe(false);
    await (await accepted).reader.read();
    await writing;
    expect(written).toBe(true);
  });

  it("refuses where nothing listens and times out where no host is", async () => {
    const { clock, client } = twoPods();
    await expect(client.connect({ address: "10.244.2.2", port: 81 })).rejects.toThrow(ConnectionRefusedError);
    const lost = client.connect({ address: "10.244.2.99", port: 80 }, { timeoutMs: 2000 });
    const outcome = expect(lost).rejects.toThrow(ConnectionTimeoutError);
    await clock.advance(1999);
    await clock.advance(1);
    await outcome;
  });

  it("resets a host's connections when it leaves, and frees its address", async () => {
    const { network, client, server } = twoPods();
    server.listen({ port: 80 }, () => undefined);
    const connection = await client.connect({ address: "10.244.2.2", port: 80 });
    server.leave();
    await expect(connection.reader.read()).rejects.toThrow(ConnectionResetError);
    network.attach("10.244.2.2", { kind: "pod", name: "default/next" });
  });

  it("keeps loopback listeners inside their host", async () => {
    const { client, server } = twoPods();
    server.listen({ port: 8080, address: "127.0.0.1" }, (connection) => connection.writer.end());
    await expect(client.connect({ address: "10.244.2.2", port: 8080 })).rejects.toThrow(ConnectionRefusedError);
    const inside = await server.connect({ address: "127.0.0.1", port: 8080 });
    expect(await inside.reader.read()).toBeUndefined();
  });

  it("lets one listener have a port, and another have it after that closed", () => {
    const { server } = twoPods();
    const first = server.listen({ port: 80 }, () => undefined);
    expect(() => server.listen({ port: 80 }, () => undefined)).toThrow(AddressInUseError);
    expect(server.listeners()).toEqual([{ address: "0.0.0.0", port: 80, protocol: "TCP" }]);
    first.close();
    expect(server.listen({ port: 80 }, () => undefined).port).toBe(80);
  });

  it("gives addresses of a range in turn and reuses a freed one last", () => {
    const { network } = twoPods();
    const range = "10.244.3.0/29";
    const first = network.allocatePodIP(range);
    const host = network.attach(first, { kind: "pod", name: "default/a" });
    expect([first, network.allocatePodIP(range)]).toEqual(["10.244.3.2", "10.244.3.3"]);
    host.leave();
    expect([1, 2, 3].map(() => network.allocatePodIP(range))).toEqual(["10.244.3.4", "10.244.3.5", "10.244.3.6"]);
    expect(network.allocatePodIP(range)).toBe("10.244.3.2");
    expect(() => network.allocatePodIP(range)).toThrow("no IP addresses available in range set: 10.244.3.0/29");
  });

  it("answers datagrams and pings, and drops what nobody answers", async () => {
    const { clock, client, server } = twoPods();
    server.serveDatagrams(53, async (datagram) => bytes(`re: ${text(datagram)}`));
    expect(text(await client.exchange({ address: "10.244.2.2", port: 53 }, bytes("question"), 1000))).toBe(
      "re: question",
    );
    await expect(client.exchange({ address: "10.244.2.2", port: 54 }, bytes("x"), 1000)).rejects.toThrow(
      ConnectionRefusedError,
    );
    expect(await client.ping("10.244.2.2", 1000)).toBeLessThan(1);
    const lost = expect(client.ping("10.96.0.1", 1000)).rejects.toThrow(ConnectionTimeoutError);
    await clock.advance(1000);
    await lost;
  });
});

async function echoUpperCase(connection: Connection): Promise<void> {
  for (let chunk = await connection.reader.read(); chunk; chunk = await connection.reader.read()) {
    await connection.writer.write(bytes(text(chunk).toUpperCase()));
  }
  connection.writer.end();
}
