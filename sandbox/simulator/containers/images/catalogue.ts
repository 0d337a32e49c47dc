import { buildImageTree, type ImageDirectory, type ImageEntry } from "../filesystem/image-tree";
import { sha256Hex } from "../applets/digest";
import { alpineEntries, busyboxEntries } from "./busybox";
import { debianEntries } from "./debian";
import { httpdEntries } from "./httpd";
import { catalogueOf, type Image, type ImageCatalogue } from "./image";
import { nginxEntries } from "./nginx";

/** The images that every simulated registry has. One table for all clusters of a process: it is frozen. */
export function standardImages(): ImageCatalogue {
  return STANDARD;
}

type Recipe = Omit<Image, "reference" | "digest" | "preloaded" | "tree"> & {
  readonly entries: () => readonly ImageEntry[];
};

const STANDARD_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const BUILT_AT = Date.UTC(2026, 9, 14, 18, 22, 5);

const BASE = {
  entrypoint: [],
  command: [],
  env: { PATH: STANDARD_PATH },
  workingDir: "/",
  user: "0",
  stopSignal: "TERM",
} as const;

function nginx(version: string, flavour: "debian" | "alpine"): Recipe {
  return {
    ...BASE,
    entrypoint: ["/docker-entrypoint.sh"],
    command: ["nginx", "-g", "daemon off;"],
    env: {
      PATH: STANDARD_PATH,
      NGINX_VERSION: version,
      NJS_VERSION: "0.8.10",
      NJS_RELEASE: flavour === "debian" ? "1~bookworm" : "1",
      PKG_RELEASE: flavour === "debian" ? "1~bookworm" : "1",
      DYNPKG_RELEASE: flavour === "debian" ? "1~bookworm" : "1",
    },
    stopSignal: "QUIT",
    sizeBytes: flavour === "debian" ? 72_080_558 : 20_533_126,
    entries: once(() => [
      ...(flavour === "debian"
        ? debianEntries({ tools: ["curl"] })
        : [...alpineEntries(), { path: "/usr/bin/curl", program: "gnu/curl" }]),
      ...nginxEntries(),
    ]),
  };
}

function httpd(version: string, flavour: "debian" | "alpine"): Recipe {
  return {
    ...BASE,
    command: ["httpd-foreground"],
    env: {
      PATH: `/usr/local/apache2/bin:${STANDARD_PATH}`,
      HTTPD_PREFIX: "/usr/local/apache2",
      HTTPD_VERSION: version,
      HTTPD_SHA256: sha256Hex(new TextEncoder().encode(version)),
      HTTPD_PATCHES: "",
    },
    workingDir: "/usr/local/apache2",
    stopSignal: "WINCH",
    sizeBytes: flavour === "debian" ? 45_218_763 : 22_730_914,
    entries: once(() => [...(flavour === "debian" ? debianEntries() : alpineEntries()), ...httpdEntries()]),
  };
}

const BUSYBOX: Recipe = {
  ...BASE,
  command: ["sh"],
  env: { PATH: STANDARD_PATH },
  sizeBytes: 2_223_686,
  entries: once(busyboxEntries),
};

const PAUSE: Recipe = {
  ...BASE,
  entrypoint: ["/pause"],
  sizeBytes: 305_955,
  user: "65535",
  entries: () => [{ path: "/pause", program: "pause" }],
};

const COREDNS: Recipe = {
  ...BASE,
  entrypoint: ["/coredns"],
  sizeBytes: 23_796_829,
  env: { PATH: STANDARD_PATH, SSL_CERT_FILE: "/etc/ssl/certs/ca-certificates.crt" },
  entries: () => [{ path: "/coredns", program: "coredns" }],
};

const HPA_EXAMPLE: Recipe = {
  ...BASE,
  command: ["apache2-foreground"],
  env: { PATH: STANDARD_PATH },
  workingDir: "/var/www/html",
  stopSignal: "WINCH",
  sizeBytes: 158_837_106,
  entries: once(() => [
    ...debianEntries(),
    { path: "/usr/local/bin/apache2-foreground", program: "hpa-example" },
    { path: "/var/www/html/index.php", text: PAGE },
  ]),
};
const PAGE = `<?php
  $x = 0.0001;
  for ($i = 0; $i <= 1000000; $i++) {
    $x += sqrt($x);
  }
  echo "OK!";
?>
`;

const STRESS: Recipe = {
  ...BASE,
  command: ["stress", "--help"],
  env: { PATH: STANDARD_PATH },
  sizeBytes: 4_038_912,
  entries: once(() => [...alpineEntries(), { path: "/usr/local/bin/stress", program: "stress" }]),
};

/** A program of the system whose work the simulator does itself (addons/): the pod only has to be there. */
function stand(program: string, sizeBytes: number): Recipe {
  return {
    ...BASE,
    entrypoint: [`/${program}`],
    sizeBytes,
    env: { PATH: `/:${STANDARD_PATH}` },
    entries: () => [{ path: `/${program}`, program: "pause" }],
  };
}

const INGRESS_NGINX: Recipe = {
  ...BASE,
  entrypoint: ["/usr/bin/dumb-init", "--"],
  sizeBytes: 117_238_461,
  user: "101",
  entries: once(() => [
    ...alpineEntries(),
    { path: "/nginx-ingress-controller", program: "nginx-ingress-controller" },
    { path: "/usr/bin/dumb-init", program: "nginx-ingress-controller" },
  ]),
};

/** Tags of one recipe, newest first as the registries have them. */
const TABLE: readonly (readonly [string, readonly string[], Recipe])[] = [
  ...nginxTags().flatMap(({ tags, version }): [string, readonly string[], Recipe][] => [
    ["docker.io/library/nginx", tags, nginx(version, "debian")],
    [
      "docker.io/library/nginx",
      tags.map((tag) => (tag === "latest" ? "alpine" : `${tag}-alpine`)),
      nginx(version, "alpine"),
    ],
  ]),
  ["docker.io/library/httpd", ["2", "2.4", "latest"], httpd("2.4.65", "debian")],
  ["docker.io/library/httpd", ["2-alpine", "2.4-alpine", "alpine"], httpd("2.4.65", "alpine")],
  ["docker.io/library/busybox", ["1", "1.28", "1.35", "1.36", "1.37", "latest", "stable"], BUSYBOX],
  ["registry.k8s.io/pause", ["3.10", "3.10.1", "3.10.2"], PAUSE],
  ["registry.k8s.io/coredns/coredns", ["v1.14.2"], COREDNS],
  // Private: images/registry.ts says to whom it opens.
  ["registry.slipway.test/team/web", ["1.0", "latest"], nginx("1.27.5", "debian")],
  ["registry.k8s.io/hpa-example", ["latest"], HPA_EXAMPLE],
  ["docker.io/polinux/stress", ["1.0.4", "latest"], STRESS],
  ["registry.k8s.io/metrics-server/metrics-server", ["v0.8.0"], stand("metrics-server", 22_533_120)],
  ["registry.k8s.io/ingress-nginx/controller", ["v1.14.1"], INGRESS_NGINX],
  ["docker.io/kindest/local-path-provisioner", ["v20250214-acbabc1a"], stand("local-path-provisioner", 22_541_737)],
];

function nginxTags(): { tags: string[]; version: string }[] {
  return [
    { tags: ["1.14.2"], version: "1.14.2" },
    { tags: ["1.16.0"], version: "1.16.0" },
    { tags: ["1.16.1"], version: "1.16.1" },
    { tags: ["1.25"], version: "1.25.5" },
    { tags: ["1.26"], version: "1.26.3" },
    { tags: ["1.27"], version: "1.27.5" },
    { tags: ["1.28", "stable"], version: "1.28.0" },
    { tags: ["1.29", "latest"], version: "1.29.3" },
  ];
}

const KNOWN_DIGESTS: Readonly<Record<string, string>> = {
  "registry.k8s.io/coredns/coredns:v1.14.2": "sha256:dab35937fdf5520e5a26734e722805da92f24fd4af5e84f457073b8a4d59b87b",
  "registry.k8s.io/pause:3.10.2": "sha256:a70969836d98376c4fa11a6660a47aecf55f7e7f90d5f74f0511e625f8a4e0f7",
};

/** What a node of the recorded cluster holds before the first lesson: its own, and what lessons start with. */
const PRELOADED: Readonly<Record<string, Image["preloaded"]>> = {
  "registry.k8s.io/coredns/coredns:v1.14.2": "everywhere",
  "registry.k8s.io/pause:3.10.2": "everywhere",
  "docker.io/kindest/local-path-provisioner:v20250214-acbabc1a": "everywhere",
  "docker.io/library/nginx:1.27": "workers",
  "docker.io/library/nginx:1.26": "workers",
  "docker.io/library/nginx:latest": "workers",
  "docker.io/library/httpd:2.4": "workers",
  "docker.io/library/httpd:alpine": "workers",
  "docker.io/library/busybox:1.36": "workers",
  "docker.io/library/busybox:latest": "workers",
};

const STANDARD = catalogueOf(
  TABLE.flatMap(([repository, tags, recipe]) => {
    let tree: ImageDirectory | undefined;
    const build = (): ImageDirectory => (tree ??= buildImageTree(recipe.entries(), BUILT_AT));
    const { entries: _, ...rest } = recipe;
    return tags.map((tag): Image => {
      const reference = `${repository}:${tag}`;
      const family = `${repository}@${recipe.env.NGINX_VERSION ?? recipe.env.HTTPD_VERSION ?? tag}/${recipe.sizeBytes}`;
      return {
        ...rest,
        reference,
        digest: KNOWN_DIGESTS[reference] ?? `sha256:${sha256Hex(new TextEncoder().encode(family))}`,
        preloaded: PRELOADED[reference] ?? "nowhere",
        tree: build,
      };
    });
  }),
);

function once(make: () => readonly ImageEntry[]): () => readonly ImageEntry[] {
  let made: readonly ImageEntry[] | undefined;
  return () => (made ??= make());
}
