import { z } from "zod";

/**
 * The versions of what crosses a process (docs/decisions/007-protocol-versions.md). A change that an older peer would
 * not understand makes a new one; the one before goes on being spoken for a release.
 *
 *   1  Bytes in an answer are base64 inside its JSON. Nobody says what they speak: who sends no PROTOCOL_HEADER speaks
 *      1, and so does who answers without one.
 *   2  Each side says what it speaks, the highest in common counts. Bytes follow a line of JSON as they are
 *      (node/packed.ts): saves of clusters and output of terminals are a third smaller, and nobody parses them.
 */
export const PROTOCOL = 2;
const OLDEST_PROTOCOL = 1;

/** Both ends included. */
export interface ProtocolRange {
  readonly oldest: number;
  readonly newest: number;
}

/** What this release speaks. */
export const SPOKEN: ProtocolRange = { oldest: OLDEST_PROTOCOL, newest: PROTOCOL };

/** Of processes that do not say. */
const UNSAID: ProtocolRange = { oldest: 1, newest: 1 };

/**
 * `1-2`, or `2` for one version alone. In a request what the asker speaks; in an answer what it is written in, or what
 * the other side speaks when it has nothing in common with the asker. Browsers do not get through with it.
 */
export const PROTOCOL_HEADER = "x-slipway-protocol";

/** `SLIPWAY_PROTOCOL_VERSION`: the newest version a process speaks, as an older release would. For tests and for going back. */
export const spokenSchema = z.coerce
  .number()
  .int()
  .min(OLDEST_PROTOCOL)
  .max(PROTOCOL)
  .default(PROTOCOL)
  .transform((newest): ProtocolRange => ({ oldest: OLDEST_PROTOCOL, newest }));

/** What a peer's PROTOCOL_HEADER says, and what its absence does. What cannot be read is no version at all. */
export function peerRange(header: string | string[] | undefined): ProtocolRange {
  if (header === undefined) return UNSAID;
  const [, oldest, newest] = /^(\d{1,6})(?:-(\d{1,6}))?$/.exec(String(header)) ?? [];
  if (oldest === undefined) return { oldest: 0, newest: 0 };
  return { oldest: Number(oldest), newest: Number(newest ?? oldest) };
}

export function rangeText({ oldest, newest }: ProtocolRange): string {
  return oldest === newest ? String(oldest) : `${oldest}-${newest}`;
}

/** Undefined when they have none. */
export function highestCommon(one: ProtocolRange, other: ProtocolRange): number | undefined {
  const highest = Math.min(one.newest, other.newest);
  return highest >= Math.max(one.oldest, other.oldest) ? highest : undefined;
}

/** WebSocket subprotocol of terminals, browser to terminal-host. */
export const TERMINAL_SUBPROTOCOL = "slipway.v1";

/**
 * What every process answers to `GET /v1/hello`, before anything else is asked of it. It is outside the versions:
 * whoever asks is answered, and its fields only ever get more.
 */
export const greetingSchema = z.object({
  /** The highest version in common with who asks; with none in common the newest it speaks. */
  protocol: z.number().int().positive(),
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
