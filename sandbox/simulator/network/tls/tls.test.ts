import { generateKeyPairSync, type KeyExportOptions } from "node:crypto";
import { connect as connectSocket, createServer, type AddressInfo, type Socket } from "node:net";
import { connect as connectReal, createServer as createRealServer } from "node:tls";
import { describe, expect, it } from "vitest";
import { Pipe, readAll, type Duplex } from "../../pipe";
import { CertificateAuthority } from "../../serve/certificate-authority";
import { judgeChain, readCertificates } from "./certificate";
import { connectTls } from "./client";
import { TlsAlertError, TlsError } from "./record-layer";
import { acceptTls, readIdentity } from "./server";

const NOW = Date.UTC(2026, 10, 21);
const ca = CertificateAuthority.create("kubernetes", NOW);
const web = ca.issue(
  { commonName: "web", usage: "server", names: ["web.example.com", "*.shop.test", "10.96.0.1"] },
  NOW,
);
const text = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes);
const bytes = (value: string) => new TextEncoder().encode(value);

function twoEnds(): [Duplex, Duplex] {
  const [up, down] = [new Pipe(), new Pipe()];
  return [
    { reader: down, writer: up },
    { reader: up, writer: down },
  ];
}

async function serveUpperCase(stream: Duplex, identity = web): Promise<string | undefined> {
  const accepted = await acceptTls(stream, async () => (await readIdentity(identity.cert, identity.key))!);
  const said = await accepted.stream.reader.read();
  await accepted.stream.writer.write(bytes(text(said).toUpperCase()));
  accepted.stream.writer.end();
  return accepted.serverName;
}

async function ask(stream: Duplex, name: string, authorities = readCertificates(ca.cert)): Promise<string> {
  const secure = await connectTls(stream, {
    name,
    accepts: async (chain) => (await judgeChain(chain, authorities, name, NOW)) === "ok",
  });
  await secure.writer.write(bytes("hello"));
  return text(await readAll(secure.reader));
}

/** A stream over a socket of this machine, for real programs at the other end. */
function overSocket(socket: Socket): Duplex {
  const received = new Pipe();
  socket.on("data", (chunk) => void received.write(Uint8Array.from(chunk)));
  socket.on("end", () => received.end());
  socket.on("error", () => received.end());
  const writer = new Pipe();
  void (async () => {
    for (let chunk = await writer.read(); chunk; chunk = await writer.read()) socket.write(chunk);
    socket.end();
  })();
  return { reader: received, writer };
}

describe("TLS on the virtual network", () => {
  it("carries bytes both ways for who trusts the authority, and tells the server the name", async () => {
    const [client, server] = twoEnds();
    const serving = serveUpperCase(server);
    expect(await ask(client, "web.example.com")).toBe("HELLO");
    expect(await serving).toBe("web.example.com");
  });

  it("breaks off on a name or an authority that does not fit", async () => {
    const other = CertificateAuthority.create("other", NOW);
    for (const [name, authorities] of [
      ["elsewhere.example.com", readCertificates(ca.cert)],
      ["web.example.com", readCertificates(other.cert)],
    ] as const) {
      const [client, server] = twoEnds();
      const serving = serveUpperCase(server).catch((error: unknown) => error);
      await expect(ask(client, name, authorities)).rejects.toThrow(TlsError);
      expect(await serving).toBeInstanceOf(TlsAlertError);
    }
  });

  it("judges names, dates and authorities", async () => {
    const chain = readCertificates(web.cert);
    const authorities = readCertificates(ca.cert);
    expect(await judgeChain(chain, authorities, "a.shop.test", NOW)).toBe("ok");
    expect(await judgeChain(chain, authorities, "a.b.shop.test", NOW)).toBe("wrong-name");
    expect(await judgeChain(chain, authorities, "10.96.0.1", NOW)).toBe("ok");
    expect(await judgeChain(chain, authorities, "10.96.0.2", NOW)).toBe("wrong-name");
    expect(await judgeChain(chain, authorities, "web.example.com", NOW - 86_400_000)).toBe("not-yet-valid");
    expect(await judgeChain(chain, authorities, "web.example.com", NOW + 11 * 365 * 86_400_000)).toBe("expired");
    expect(await judgeChain(chain, [], "web.example.com", NOW)).toBe("unknown-issuer");
    expect(await judgeChain(authorities, [], "kubernetes", NOW)).toBe("self-signed");
  });

  it("tells plain text from TLS", async () => {
    const [client, server] = twoEnds();
    const serving = serveUpperCase(server);
    void client.writer.write(bytes("GET / HTTP/1.1\r\n"));
    const error = await serving.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TlsError);
    expect(text(error instanceof TlsError ? error.received : undefined)).toMatch(/^GET/);
  });

  it("speaks with a real client and a real server", async () => {
    const ours = createServer((socket) => void serveUpperCase(overSocket(socket)));
    await new Promise<void>((resolve) => ours.listen(0, "127.0.0.1", resolve));
    const { port } = ours.address() as AddressInfo;
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connectReal({ port, ca: ca.cert, servername: "web.example.com", ALPNProtocols: ["http/1.1"] });
      socket.on("secureConnect", () => socket.write("hello"));
      socket.on("data", (chunk: Buffer) => resolve(`${socket.alpnProtocol as string} ${chunk.toString()}`));
      socket.on("error", reject);
    });
    expect(answer).toBe("http/1.1 HELLO");
    ours.close();
    const real = createRealServer({ key: web.key, cert: web.cert }, (socket) =>
      socket.on("data", (chunk: Buffer) => socket.end(chunk.toString().toUpperCase())),
    );
    await new Promise<void>((resolve) => real.listen(0, "127.0.0.1", resolve));
    const socket = connectSocket((real.address() as AddressInfo).port, "127.0.0.1");
    expect(await ask(overSocket(socket), "web.example.com")).toBe("HELLO");
    real.close();
  });

  it.each([
    ["RSA", generateKeyPairSync("rsa", { modulusLength: 2048 }), "pkcs1"],
    ["RSA in PKCS #8", generateKeyPairSync("rsa", { modulusLength: 2048 }), "pkcs8"],
    ["P-256", generateKeyPairSync("ec", { namedCurve: "P-256" }), "sec1"],
    ["P-384", generateKeyPairSync("ec", { namedCurve: "P-384" }), "sec1"],
    ["P-384 in PKCS #8", generateKeyPairSync("ec", { namedCurve: "P-384" }), "pkcs8"],
  ] as const)("takes keys as openssl writes them: %s", async (_, { publicKey, privateKey }, type) => {
    const names = ["shop.example.com"];
    const cert = ca.sign(publicKey, { commonName: "shop", usage: "server", names }, NOW);
    const key = privateKey.export({ type, format: "pem" } as KeyExportOptions<"pem">).toString();
    const [client, server] = twoEnds();
    void serveUpperCase(server, { key, cert });
    expect(await ask(client, "shop.example.com")).toBe("HELLO");
  });
});
