export { calibrate } from "./figures";
export { measureFirstLight } from "./first-light";
