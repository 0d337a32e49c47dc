import { describe, expect, it } from "vitest";
import type { HttpHandler } from "../api/channel";
import { FakeClock } from "../clock";
import { readAll } from "../pipe";
import { SeededRandom } from "../random";
import { CertificateAuthority } from "../serve/certificate-authority";
import { serveApi } from "./api-port";
import { judgeChain, readCertificates } from "./tls/certificate";
import { connectTls } from "./tls/client";
import { VirtualNetwork } from "./virtual-network";

const NOW = Date.UTC(2026, 10, 21);
const TARGET = { address: "172.18.0.2", port: 6443 };

function world() {
  const ca = CertificateAuthority.create("kubernetes", NOW);
  const network = new VirtualNetwork({ clock: new FakeClock(), random: new SeededRandom(1) });
  const pod = network.attach("10.244.1.2", { kind: "pod", name: "default/box", node: "kind-worker" });
  const node = network.attach(TARGET.address, { kind: "node", name: "kind-control-plane" });
  const handler: HttpHandler = {
    fetch: async (request) =>
      new Response(
        `${request.method} ${request.url} as ${request.headers.get("authorization")}: ${await request.text()}`,
      ),
    connect: () => Promise.reject(new Error("not asked for")),
  };
  serveApi(node, handler, ca.issue({ commonName: "kube-apiserver", usage: "server", names: ["kubernetes"] }, NOW));
  return { ca, pod };
}

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

describe("the API server's port on the virtual network", () => {
  it("answers a pod over TLS, with its token", async () => {
    const { ca, pod } = world();
    const secure = await connectTls(await pod.connect(TARGET), {
      name: "kubernetes",
      accepts: async (chain) => (await judgeChain(chain, readCertificates(ca.cert), "kubernetes", NOW)) === "ok",
    });
    const lines = ["POST /api HTTP/1.1", "Host: kubernetes", "Authorization: Bearer t", "Content-Length: 2"];
    await secure.writer.write(new TextEncoder().encode([...lines, "Connection: close", "", "{}"].join("\r\n")));
    const answer = text(await readAll(secure.reader));
    expect(answer).toMatch(/^HTTP\/1.1 200 OK/);
    expect(answer).toContain("POST https://kubernetes/api as Bearer t: {}");
  });

  it("tells who speaks plain HTTP that it wants TLS", async () => {
    const { pod } = world();
    const plain = await pod.connect(TARGET);
    await plain.writer.write(new TextEncoder().encode("GET /api HTTP/1.1\r\n\r\n"));
    expect(text(await readAll(plain.reader))).toMatch(
      /400 Bad Request[^]*Client sent an HTTP request to an HTTPS server/,
    );
  });
});
