export { calibrate } from "./figures";
export { measureApi } from "./api";
export { measureCluster } from "./cluster";
export { probeMemory } from "./api-inside";
export { measureFirstLight } from "./first-light";
export { startPlainServer } from "./plain-server";
export { measureSandboxes, SPINNING } from "./sandboxes";
