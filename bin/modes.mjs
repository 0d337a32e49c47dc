// What works on a machine: the drivers of clusters and the modes of workstations, from facts that are gathered elsewhere.

/**
 * @typedef {object} Facts
 * @property {string} platform Node's name of it
 * @property {boolean} isRoot
 * @property {string} [runc] version, when it is there
 * @property {boolean} mmdebstrap
 * @property {string} [runsc]
 * @property {number} [userNamespaces] how many may be made; absent where the kernel does not say
 * @property {boolean} allCapabilities whether root has all of them here: privileged containers want them
 * @property {string} [kind] version, when it is there
 * @property {{ command: string, version?: string, said?: string }} engine `said` is why it does not answer
 * @property {string} nodeImage
 * @property {boolean} nodeImagePresent
 * @property {number} memoryBytes
 * @property {number} kindBytes what one learner's kind cluster may take
 * @property {{ path: string, said?: string, mayMakeNamespaces?: boolean }} [kubeconfig] `said` is why it leads nowhere
 * @property {{ driver: string, choice: string[], workstation?: string }} chosen
 */

/**
 * @typedef {object} Mode
 * @property {string} name
 * @property {"works" | "missing"} state
 * @property {boolean} wanted whether this installation is set to use it: then what is missing is a fault
 * @property {string} found
 * @property {string} [remedy] the command or step that mends it
 */

/** @param {Facts} facts @returns {Mode[]} */
export function modesOf(facts) {
  const { driver, choice, workstation } = facts.chosen;
  const shells = workstation ?? (facts.isRoot && facts.platform === "linux" ? "oci" : "host");
  const wants = (name) => driver === name || choice.includes(name);
  return [
    { name: "clusters: simulated", wanted: true, ...works("in processes of Slipway's own, needs nothing") },
    { name: "clusters: existing", wanted: wants("existing"), ...existing(facts) },
    { name: "clusters: kind", wanted: wants("kind"), ...kind(facts) },
    { name: "workstations: oci", wanted: shells === "oci", ...oci(facts) },
    { name: "workstations: runsc", wanted: shells === "runsc", ...runsc(facts) },
    { name: "workstations: host", wanted: shells === "host", ...host(facts) },
  ];
}

function existing({ kubeconfig }) {
  if (!kubeconfig) return missing("no kubeconfig", "set SLIPWAY_KUBECONFIG to the file of a cluster of your own");
  const { path, said, mayMakeNamespaces } = kubeconfig;
  if (said !== undefined) return missing(`${path}: ${said}`, `kubectl --kubeconfig ${path} get namespaces`);
  if (!mayMakeNamespaces) {
    return missing(
      `${path}: its user may not make namespaces`,
      "give it the right to create and delete namespaces, roles and bindings in them",
    );
  }
  return works(`${path}, a namespace for each sandbox`);
}

function kind(facts) {
  const { engine, nodeImage, memoryBytes, kindBytes } = facts;
  if (engine.version === undefined) {
    const start =
      engine.command === "docker"
        ? "apt-get install -y docker.io && service docker start"
        : "apt-get install -y podman";
    return missing(`${engine.command} does not answer: ${engine.said}`, start);
  }
  if (facts.kind === undefined) {
    return missing(
      "no kind command",
      "go install sigs.k8s.io/kind@latest, or https://kind.sigs.k8s.io/docs/user/quick-start/#installation",
    );
  }
  if (!facts.allCapabilities) {
    return missing(
      "privileged containers do not start: root lacks capabilities on this machine",
      "run the engine on a machine of its own and set DOCKER_HOST and SLIPWAY_KIND_API_HOST",
    );
  }
  const fit = Math.floor(memoryBytes / kindBytes);
  if (fit < 1) {
    return missing(
      `a cluster may take ${gib(kindBytes)}, there are ${gib(memoryBytes)}`,
      "set SLIPWAY_KIND_WORKERS=0 or a smaller SLIPWAY_KIND_NODE_MIB",
    );
  }
  const image = facts.nodeImagePresent
    ? nodeImage
    : `${nodeImage} (pulled at the first start: ${engine.command} pull ${nodeImage})`;
  return works(
    `kind ${facts.kind}, ${engine.command} ${engine.version}, ${image}, room for ${fit}; for people you trust`,
  );
}

function oci({ platform, isRoot, runc, mmdebstrap, userNamespaces }) {
  if (platform !== "linux") return missing("containers need Linux", "use a Linux machine, or host mode for yourself");
  if (!isRoot) return missing("containers need root", "sudo npm start");
  const packages = [...(runc === undefined ? ["runc"] : []), ...(mmdebstrap ? [] : ["mmdebstrap"])];
  if (packages.length > 0) return missing(`no ${packages.join(", no ")}`, `apt-get install -y ${packages.join(" ")}`);
  if (userNamespaces === 0) return missing("user namespaces are off", "sysctl -w user.max_user_namespaces=16384");
  return works(`containers by runc ${runc}`);
}

function runsc({ runsc: version, ...facts }) {
  const base = oci(facts);
  if (base.state === "missing") return base;
  if (version === undefined) return missing("no runsc", "https://gvisor.dev/docs/user_guide/install/");
  return works(`containers with a kernel of their own by runsc ${version}`);
}

function host({ isRoot }) {
  if (isRoot) return missing("never as root", "run Slipway as an ordinary user");
  return works("plain shells of this user, no isolation: for yourself, on loopback only");
}

const works = (found) => ({ state: "works", found });
const missing = (found, remedy) => ({ state: "missing", found, remedy });
const gib = (bytes) => `${(bytes / 1024 ** 3).toFixed(1)} GiB`;
