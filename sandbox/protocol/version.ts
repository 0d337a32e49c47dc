import { z } from "zod";

/** The version of every frame and body in this folder. Both ends refuse a peer that speaks another one. */
export const PROTOCOL = 1;

/** WebSocket subprotocol of terminals, browser to terminal-host. */
export const TERMINAL_SUBPROTOCOL = "slipway.v1";

/** What every process answers to `GET /v1/hello`, before anything else is asked of it. */
export const greetingSchema = z.object({
  protocol: z.literal(PROTOCOL),
  instance: z.string().min(1),
  process: z.enum(["manager", "cluster-host", "terminal-host"]),
  pid: z.number().int().positive(),
});
export type Greeting = z.infer<typeof greetingSchema>;

/**
 * The web process names the signed-in user to the manager in this header when it passes an upgrade on; it removes
 * whatever the browser sent under that name. A ticket is only good for the user it was issued to.
 */
export const USER_HEADER = "x-slipway-user";
