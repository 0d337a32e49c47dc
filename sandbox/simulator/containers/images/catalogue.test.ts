import { describe, expect, it } from "vitest";
import type { ImageDirectory, ImageNode } from "../filesystem/image-tree";
import { applets } from "../applets/table";
import { programs } from "../programs";
import { BUSYBOX_APPLETS } from "./busybox";
import { standardImages } from "./catalogue";
import { parseReference } from "./reference";

function* walk(folder: ImageDirectory, path = ""): Generator<{ path: string; node: ImageNode }> {
  for (const [name, node] of folder.entries) {
    yield { path: `${path}/${name}`, node };
    if (node.kind === "directory") yield* walk(node, `${path}/${name}`);
  }
}

describe("the image catalogue", () => {
  const find = (name: string) => standardImages().find(parseReference(name)?.whole ?? "");

  it("has the tags that exist and no other", () => {
    for (const name of [
      "nginx",
      "nginx:1.14.2",
      "nginx:1.29-alpine",
      "docker.io/library/nginx:1.27",
      "httpd:2.4",
      "busybox:1.28",
      "registry.k8s.io/pause:3.10.2",
    ])
      expect(find(name), name).toBeDefined();
    for (const name of ["nginx:1.99", "nginx:1.24", "redis", "library/nginx:nope", "busybox:2"])
      expect(find(name), name).toBeUndefined();
  });

  it("writes names in full, and knows what is not a name", () => {
    expect(parseReference("nginx")?.whole).toBe("docker.io/library/nginx:latest");
    expect(parseReference("me/app:1")?.whole).toBe("docker.io/me/app:1");
    expect(parseReference("localhost:5000/app")?.whole).toBe("localhost:5000/app:latest");
    expect(parseReference("NGINX:1.27")).toBeUndefined();
    expect(parseReference("bad image:x")).toBeUndefined();
  });

  it("has a program behind every executable", () => {
    for (const name of ["nginx", "nginx:alpine", "httpd", "busybox", "registry.k8s.io/coredns/coredns:v1.14.2"]) {
      const tree = find(name)?.tree();
      if (!tree) throw new Error(`no ${name}`);
      for (const { path, node } of walk(tree))
        if (node.kind === "file" && node.program !== undefined)
          expect(programs.has(node.program), `${name} ${path}`).toBe(true);
    }
    for (const name of BUSYBOX_APPLETS)
      expect(["sh", "ash", "busybox"].includes(name) || applets.has(name), name).toBe(true);
  });

  it("shares one tree among all tags of an image", () => {
    expect(find("nginx:latest")?.tree()).toBe(find("nginx:1.29")?.tree());
  });
});
