import type { Client } from "../client/client";
import type { ErrorReporter } from "../client/controller";
import { CountingEventRecorder } from "../client/event-recorder";
import type { SharedInformers } from "../client/shared-informers";
import type { Clock } from "../clock";
import type { Random } from "../random";

/** What every controller is given. Handlers and indexes are added before the informers start. */
export interface ControllerContext {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly informers: SharedInformers;
  readonly onError?: ErrorReporter;
}

/** A component with a run loop. */
export interface Runnable {
  start(): void;
  /** Resolves when what was in flight has ended. */
  stop(): Promise<void>;
  /** Whether there is nothing to do now; what waits for a time does not count. */
  readonly idle: boolean;
}

export function recorderFor({ client, clock }: ControllerContext, component: string): CountingEventRecorder {
  return new CountingEventRecorder({ client, clock, component });
}
