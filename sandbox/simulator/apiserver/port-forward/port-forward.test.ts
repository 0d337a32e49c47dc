import { createDeflate, constants } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { Channel } from "../../api/channel";
import type { NodeApi } from "../../api/node-api";
import { FakeClock, flushPromises } from "../../clock";
import { Pipe, type Duplex } from "../../pipe";
import { parsePorts, runChannelSession } from "./channel-session";
import { spdyDictionary } from "./spdy-dictionary";
import { runSpdySession } from "./spdy-session";

/** A pod that answers each connection with what it gets, in capitals; nothing listens on port 81. */
class ShoutingNode implements Pick<NodeApi, "portForward"> {
  readonly ports: number[] = [];

  async portForward(_pod: unknown, port: number): Promise<Duplex> {
    this.ports.push(port);
    if (port === 81) throw new Error("connection refused");
    const [up, down] = [new Pipe(), new Pipe()];
    void (async () => {
      for (let chunk = await up.read(); chunk; chunk = await up.read())
        await down.write(encode(decode(chunk).toUpperCase()));
      down.end();
    })();
    return Promise.resolve({ reader: down, writer: up });
  }
}

/** Both ends of a WebSocket: what the client sends is queued, what it gets is kept. */
class TestChannel implements Channel {
  readonly protocol = "";
  readonly received: Uint8Array[] = [];
  closed: number | undefined;
  readonly #sent: Uint8Array[] = [];
  #wake: (() => void) | undefined;

  push(bytes: Uint8Array): void {
    this.#sent.push(bytes);
    this.#wake?.();
  }

  async receive(): Promise<Uint8Array | undefined> {
    while (this.#sent.length === 0 && this.closed === undefined)
      await new Promise<void>((resolve) => (this.#wake = resolve));
    return this.#sent.shift();
  }

  send(message: Uint8Array): Promise<void> {
    this.received.push(message);
    return Promise.resolve();
  }

  close(code = 1000): void {
    this.closed ??= code;
    this.#wake?.();
  }
}

/** The frames of a client whose headers are compressed as zlib does it. */
class SpdyClient {
  readonly #deflate = createDeflate({ dictionary: spdyDictionary(), level: 9 });
  #readBytes = 0;
  readonly #compressed: Buffer[] = [];

  constructor() {
    this.#deflate.on("data", (chunk: Buffer) => this.#compressed.push(chunk));
  }

  async synStream(id: number, headers: Record<string, string>): Promise<Uint8Array> {
    const entries = Object.entries(headers).flat();
    const block = Buffer.concat([
      uint32(entries.length / 2),
      ...entries.flatMap((text) => [uint32(text.length), Buffer.from(text)]),
    ]);
    this.#deflate.write(block);
    await new Promise<void>((resolve) => this.#deflate.flush(constants.Z_SYNC_FLUSH, resolve));
    const whole = Buffer.concat(this.#compressed);
    const compressed = whole.subarray(this.#readBytes);
    this.#readBytes = whole.length;
    return control(1, Buffer.concat([uint32(id), uint32(0), Buffer.alloc(2), compressed]));
  }
}

const data = (id: number, text: string, fin = false): Buffer =>
  Buffer.concat([uint32(id), uint32(((fin ? 1 : 0) << 24) | text.length), Buffer.from(text)]);
const reset = (id: number): Buffer => control(3, Buffer.concat([uint32(id), uint32(5)]));

function control(type: number, body: Uint8Array): Buffer {
  return Buffer.concat([uint32(0x8003_0000 + type), uint32(body.length), body]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
}

/** What the server sent: replies and resets by stream, data joined. */
function told(channel: TestChannel) {
  const replies: number[] = [];
  const resets: number[] = [];
  const pings: number[] = [];
  const text: Record<number, string> = {};
  const ended: number[] = [];
  let rest = Buffer.concat(channel.received);
  while (rest.length > 0) {
    const length = rest.readUInt32BE(4) & 0xffffff;
    const body = rest.subarray(8, 8 + length);
    const first = rest.readUInt32BE(0);
    if (first < 0x8000_0000) {
      text[first] = (text[first] ?? "") + body.toString();
      if ((rest[4] ?? 0) & 1) ended.push(first);
    } else {
      const id = body.readUInt32BE(0);
      ({ 2: replies, 3: resets, 6: pings })[first & 0xffff]?.push(id);
    }
    rest = rest.subarray(8 + length);
  }
  return { replies, resets, pings, text, ended };
}

function start(run: typeof runSpdySession = runSpdySession) {
  const channel = new TestChannel();
  const node = new ShoutingNode();
  const clock = new FakeClock();
  const pod = { namespace: "default", name: "web", uid: "1" };
  const over = run(channel, { node: node as unknown as NodeApi, pod, clock });
  return { channel, node, clock, over };
}

async function connection(client: SpdyClient, first: number, port: number, requestid: string): Promise<Uint8Array[]> {
  const headers = { port: String(port), requestid };
  return [
    await client.synStream(first, { ...headers, streamtype: "error" }),
    data(first, "", true),
    await client.synStream(first + 2, { ...headers, streamtype: "data" }),
  ];
}

describe("port forwarding in SPDY frames", () => {
  it("knows the dictionary of the protocol", () => {
    let [low, high] = [1, 0];
    for (const byte of spdyDictionary()) {
      low = (low + byte) % 65521;
      high = (high + low) % 65521;
    }
    expect((high * 65536 + low).toString(16)).toBe("e3c6a7c2");
  });

  it("carries two connections at once and ends each for itself", async () => {
    const { channel, node } = start();
    const client = new SpdyClient();
    for (const frame of await connection(client, 1, 80, "0")) channel.push(frame);
    for (const frame of await connection(client, 5, 8080, "1")) channel.push(frame);
    channel.push(data(3, "hello"));
    channel.push(data(7, "other"));
    channel.push(data(3, "", true));
    await flushPromises();
    expect(node.ports).toEqual([80, 8080]);
    expect(told(channel)).toMatchObject({ replies: [1, 3, 5, 7], text: { 3: "HELLO", 7: "OTHER" }, ended: [3, 1] });
  });

  it("does not mind how frames are cut into messages", async () => {
    const { channel } = start();
    const frames = await connection(new SpdyClient(), 1, 80, "0");
    const all = Buffer.concat([...frames, control(4, Buffer.alloc(4)), control(6, uint32(1)), data(3, "hello", true)]);
    for (const byte of all) channel.push(Uint8Array.of(byte));
    await flushPromises();
    expect(told(channel)).toMatchObject({ text: { 3: "HELLO" }, ended: [3, 1], pings: [1] });
  });

  it("tells on the error stream why there is no connection, and goes on", async () => {
    const { channel } = start();
    const client = new SpdyClient();
    for (const frame of await connection(client, 1, 81, "0")) channel.push(frame);
    await flushPromises();
    expect(told(channel)).toMatchObject({ text: { 1: "connection refused" }, ended: [3, 1] });
    expect(channel.closed).toBeUndefined();
  });

  it("lets go of a connection whose stream is broken off, or whose client is gone", async () => {
    const { channel, clock, over } = start();
    for (const frame of await connection(new SpdyClient(), 1, 80, "0")) channel.push(frame);
    channel.push(reset(3));
    await flushPromises();
    await clock.advance(500);
    expect(told(channel).ended).toEqual([1]);
    channel.close();
    await expect(over).resolves.toBeUndefined();
  });

  it("refuses streams that are no connection's, and gives up on half a connection", async () => {
    const { channel, clock } = start();
    const client = new SpdyClient();
    const bad: Record<string, string>[] = [
      {},
      { port: "0", streamtype: "data" },
      { port: "80", streamtype: "?" },
      { port: "80x" },
    ];
    for (const [index, headers] of bad.entries()) channel.push(await client.synStream(2 * index + 1, { ...headers }));
    // An id twice, and an even one.
    for (const id of [7, 10]) channel.push(await client.synStream(id, { port: "80", streamtype: "error" }));
    await flushPromises();
    channel.push(await client.synStream(11, { port: "80", streamtype: "error", requestid: "9" }));
    await flushPromises();
    await clock.advance(30_000);
    expect(told(channel)).toMatchObject({ replies: [11], resets: [1, 3, 5, 7, 7, 10] });
    expect(told(channel).text[11]).toBe("(request=9) timed out waiting for streams");
  });

  it.each([
    ["another version", Buffer.concat([Buffer.from([0x80, 2, 0, 1]), uint32(0)])],
    ["a control frame that is too long", Buffer.concat([uint32(0x8003_0001), uint32(0xff_ffff)])],
    ["a short control frame", control(1, Buffer.alloc(3))],
    ["headers that are not compressed", control(1, Buffer.alloc(40, 0x55))],
    ["a request of HTTP", Buffer.from("\xffGET / HTTP/1.1\r\n\r\n", "latin1")],
  ])("closes the channel on %s", async (_what, bytes) => {
    const { channel, over } = start();
    channel.push(bytes);
    await over;
    expect(channel.closed).toBe(1002);
  });
});

describe("port forwarding in channels", () => {
  it("begins both streams of each port with its number, then carries data and errors", async () => {
    const { channel, over } = start((open, dial) => runChannelSession(open, dial, [8080, 81]));
    await flushPromises();
    channel.push(Uint8Array.of(0, ...encode("hi")));
    await flushPromises();
    expect(channel.received.map((message) => [...message].slice(0, 3))).toEqual(
      expect.arrayContaining([
        [0, 0x90, 0x1f],
        [1, 0x90, 0x1f],
        [2, 81, 0],
        [3, 81, 0],
        [0, 72, 73],
      ]),
    );
    expect(channel.received.map(decode)).toContain("\x03connection refused");
    channel.close();
    await over;
  });

  it.each([
    ["", 'query parameter "port" is required'],
    ["ports=x", 'unable to parse "x" as a port: strconv.ParseUint: parsing "x": invalid syntax'],
    ["ports=80,99999", 'unable to parse "99999" as a port: strconv.ParseUint: parsing "99999": value out of range'],
    ["ports=0", 'port "0" must be > 0'],
  ])("refuses the ports of ?%s", (query, message) => {
    expect(() => parsePorts(new URLSearchParams(query))).toThrow(message);
  });

  it("takes ports one by one or in a list", () => {
    expect(parsePorts(new URLSearchParams("ports=80,443&ports=8080"))).toEqual([80, 443, 8080]);
  });
});

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
