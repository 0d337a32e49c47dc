import { pino, type DestinationStream } from "pino";

/** Where log lines go. A full disk costs lines, never the process that writes them. */
export function logDestination(): DestinationStream {
  const destination = pino.destination(1);
  destination.on("error", () => undefined);
  return destination;
}
