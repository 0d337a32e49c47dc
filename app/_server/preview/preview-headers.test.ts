import { describe, expect, it } from "vitest";
import { headersForBrowser, headersForPod } from "./preview-headers";

const target = { sandboxId: "s", namespace: "shop", service: "web", port: 80 };
const host = "abc.preview.localhost:3000";
const from = { host, scheme: "http", cookie: "slipway-preview" };
const toPod = (...raw: string[]) => headersForPod(raw, from);
const toBrowser = (...raw: string[]) => headersForBrowser(raw, { host, target, cookie: "slipway-preview" });
const MORE = ["x-forwarded-host", host, "x-forwarded-proto", "http"];

describe("headers on their way to a pod", () => {
  it("are the browser's, its Host among them, without those of the hop and without claims about us", () => {
    expect(
      toPod(
        ...["Host", host, "Accept", "*/*", "Connection", "keep-alive, X-Gone", "X-Gone", "1", "Keep-Alive", "5"],
        ...["TE", "trailers", "Transfer-Encoding", "chunked", "X-Slipway-User", "root", "X-Forwarded-For", "::1"],
      ),
    ).toEqual(["Host", host, "Accept", "*/*", ...MORE]);
  });

  it("keep the pod's own cookies and lose ours", () => {
    expect(toPod("Cookie", "a=1; slipway-preview=secret; b=2=3")).toEqual(["Cookie", "a=1; b=2=3", ...MORE]);
    expect(toPod("Cookie", "slipway-preview=secret")).toEqual(MORE);
  });
});

describe("headers on their way to a browser", () => {
  it("lead redirects to the program's own names back into the preview, and leave others alone", () => {
    for (const own of ["http://web/x?y#z", "http://web.shop.svc.cluster.local:8080/x?y#z", `http://${host}/x?y#z`]) {
      expect(toBrowser("Location", own)).toEqual(["Location", "/x?y#z"]);
    }
    expect(toBrowser("Location", "http://abc.preview.localhost/x")).toEqual(["Location", "/x"]);
    for (const other of ["/dir/", "https://example.org/", "//example.org/"]) {
      expect(toBrowser("Location", other)).toEqual(["Location", other]);
    }
  });

  it("bind cookies to this host, and let none stand in for the pass", () => {
    expect(toBrowser("Set-Cookie", "a=1; Domain=localhost; Path=/", "Set-Cookie", "b=2")).toEqual([
      ...["Set-Cookie", "a=1; Path=/", "Set-Cookie", "b=2"],
    ]);
    expect(toBrowser("Set-Cookie", "slipway-preview=forged; Path=/")).toEqual([]);
  });

  it("say nothing of the host's other services", () => {
    expect(toBrowser("Strict-Transport-Security", "max-age=1", "Alt-Svc", "h2=:1", "Upgrade", "h2c")).toEqual([]);
  });
});
