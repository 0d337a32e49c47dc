export { calibrate } from "./figures";
export { measureApi } from "./api";
export { probeMemory } from "./api-inside";
export { measureFirstLight } from "./first-light";
export { startPlainServer } from "./plain-server";
