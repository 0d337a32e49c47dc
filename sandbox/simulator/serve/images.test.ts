import { expect, it } from "vitest";
import { imagesFromFile } from "../containers/images/image-file";
import { loadImages } from "./images";

it("has the images of the content folder beside the standard ones", () => {
  const images = loadImages();
  for (const reference of [
    "docker.io/library/nginx:1.27",
    "docker.io/library/alpine:latest",
    "docker.io/curlimages/curl:8.10.1",
    "docker.io/library/redis:7",
    "registry.k8s.io/e2e-test-images/agnhost:2.53",
    "docker.io/hashicorp/http-echo:1.0",
    "ghcr.io/slipway/flaky:1",
  ])
    expect(images.find(reference)?.reference).toBe(reference);
  expect(images.find("docker.io/library/nosuch:latest")).toBeUndefined();
});

it("gives all tags of a file one digest", () => {
  const images = imagesFromFile({ repository: "docker.io/a/b", tags: ["1", "latest"], base: "scratch", sizeBytes: 5 });
  expect(images.map(({ reference }) => reference)).toEqual(["docker.io/a/b:1", "docker.io/a/b:latest"]);
  expect(new Set(images.map(({ digest }) => digest)).size).toBe(1);
});

it.each([
  [{ repository: "alpine" }, /a repository in full/],
  [{ files: [{ path: "/x", program: "nosuch" }] }, /there is no program nosuch|Invalid input/],
  [{ base: "ubuntu" }, /alpine/],
  [{ stopSignal: "LOUD" }, /no such signal/],
  [{ extra: 1 }, /extra/],
])("refuses %j with a reason", (change, reason) => {
  const file = { repository: "docker.io/a/b", tags: ["1"], base: "scratch", sizeBytes: 5, ...change };
  expect(() => imagesFromFile(file)).toThrow(reason);
});
