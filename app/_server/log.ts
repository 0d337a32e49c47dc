import pino from "pino";
import { logDestination } from "@/sandbox/protocol/node/log";
import { logLevel } from "./config";

/** Events as JSON lines: a constant message plus fields. */
export const log = pino({ level: logLevel(), base: { process: "web" } }, logDestination());
