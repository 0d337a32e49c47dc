// Stands in for `kind` and `docker` where one of them fails: keeps containers, networks and volumes as files, and goes
// wrong in the way that the file `fault` names. It makes no cluster; one that is asked for is where `kubeconfig` says.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const [folder, program, ...args] = process.argv.slice(2);
const fault = read("fault");
const at = (kind, name = "") => join(folder, kind, name);
const all = (kind) =>
  readdirSync(at(kind)).map((name) => ({ name, ...JSON.parse(readFileSync(at(kind, name), "utf8")) }));
const option = (name) => args[args.indexOf(name) + 1];
const options = (name) => args.flatMap((arg, index) => (arg === name ? [args[index + 1]] : []));
const say = (text) => process.stderr.write(`${text}\n`);

for (const kind of ["containers", "networks", "volumes"]) mkdirSync(at(kind), { recursive: true });
writeFileSync(join(folder, "calls"), `${program} ${args.join(" ")}\n`, { flag: "a" });
process.exit(await { kind, docker }[program]());

async function kind() {
  const cluster = option("--name");
  switch (args[0]) {
    case "create":
      return create(cluster);
    case "delete":
      if (fault === "docker-gone") return dockerGone();
      for (const { name, cluster: of } of all("containers")) if (of === cluster) remove(name);
      return 0;
    case "version":
      process.stdout.write("kind v0.0-scripted\n");
      return 0;
    case "get":
      process.stdout.write(read(`kubeconfig-of-${cluster}`) || read("kubeconfig"));
      return 0;
  }
}

/** Says what kind says: the same words, in the same order. */
async function create(cluster) {
  say(`Creating cluster "${cluster}" ...`);
  say(" • Ensuring node image (kindest/node:v1.36.2) 🖼  ...");
  if (fault === "docker-gone") return dockerGone();
  if (fault === "name-taken") return error(`node(s) already exist for a cluster with the name "${cluster}"`);
  say(" ✓ Ensuring node image (kindest/node:v1.36.2) 🖼");
  say(" • Preparing nodes 📦 📦 📦   ...");
  const network = process.env.KIND_EXPERIMENTAL_DOCKER_NETWORK;
  for (const role of ["control-plane", "worker", "worker2"]) {
    const volume = `volume-of-${cluster}-${role}`;
    writeFileSync(at("volumes", volume), "{}");
    writeFileSync(at("containers", `${cluster}-${role}`), JSON.stringify({ cluster, network, volume }));
    if (fault === "port-taken") return error("Bind for 127.0.0.1:36977 failed: port is already allocated");
    if (fault === "disk-full" && role === "worker") return error("no space left on device");
  }
  say(" ✓ Preparing nodes 📦 📦 📦 ");
  say(" • Starting control-plane 🕹️  ...");
  if (fault === "half-way") return error("failed to init node with kubeadm: exit status 1");
  if (fault === "hang") await forever();
  say(" ✓ Starting control-plane 🕹️");
  for (const step of ["Installing CNI 🔌", "Installing StorageClass 💾", "Joining worker nodes 🚜"]) {
    say(` • ${step}  ...`);
    say(` ✓ ${step}`);
  }
  return 0;
}

function docker() {
  if (fault === "docker-gone") return dockerGone();
  const print = (lines) => process.stdout.write(lines.map((line) => `${line}\n`).join(""));
  switch (`${args[0]} ${args[1]}`.replace(/ -.*/, "")) {
    case "network create": {
      const labels = Object.fromEntries(options("--label").map((label) => label.split("=")));
      writeFileSync(at("networks", args.at(-1)), JSON.stringify({ labels }));
      return 0;
    }
    case "network ls": {
      const wanted = options("--filter").map((filter) => filter.replace("label=", "").split("="));
      const found = all("networks").filter(({ labels }) => wanted.every(([name, value]) => labels[name] === value));
      print(found.map(({ name, labels }) => (option("--format").includes("Name") ? name : labels["slipway.sandbox"])));
      return 0;
    }
    case "volume ls":
      print(all("volumes").map(({ name }) => name));
      return 0;
    case "ps":
      print(
        all("containers")
          .filter(({ cluster }) => args.at(-1).endsWith(`=${cluster}`))
          .map(({ name }) => name),
      );
      return 0;
  }
  switch (args[0]) {
    case "info":
      print(["0.0-scripted"]);
      return 0;
    case "image":
      return 0;
    case "inspect": {
      const found = all("containers").filter(({ name }) => args.includes(name));
      const address = ({ network }) => ({ Networks: { [network]: { IPAddress: "172.30.0.2" } } });
      const one = (container) => ({
        Mounts: [{ Type: "volume", Name: container.volume }],
        NetworkSettings: address(container),
      });
      print([JSON.stringify(found.map(one))]);
      return 0;
    }
    case "network":
      if (all("containers").some(({ network }) => network === args[2])) return error("network has active endpoints");
      rmSync(at("networks", args[2]));
      return 0;
    case "rm":
      for (const name of args.slice(3)) remove(name);
      return 0;
    case "volume":
      for (const name of args.slice(3)) rmSync(at("volumes", name), { force: true });
      return 0;
    case "update":
      return fault === "no-limits" ? error("Your kernel does not support memory limit capabilities") : 0;
  }
  return error(`unknown: ${args.join(" ")}`);
}

/** As `kind delete` and `docker rm --volumes` do; a fault that leaves volumes behind is one too. */
function remove(name) {
  const file = at("containers", name);
  if (!existsSync(file)) return;
  const { volume } = JSON.parse(readFileSync(file, "utf8"));
  if (fault !== "volumes-stay") rmSync(at("volumes", volume), { force: true });
  rmSync(file);
}

function read(name) {
  const file = join(folder, name);
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}

function error(text) {
  say(`ERROR: failed to create cluster: ${text}`);
  return 1;
}

function dockerGone() {
  return error("Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?");
}

function forever() {
  return new Promise((resolve) => setTimeout(resolve, 2 ** 31 - 1));
}
