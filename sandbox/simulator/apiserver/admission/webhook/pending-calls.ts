import type { WebhookCall } from "./webhook-call";

/** Thrown where a request needs the answer of a webhook that was not called yet. Never leaves the server. */
class PendingCall extends Error {
  override readonly name = "PendingCall";

  constructor(readonly call: WebhookCall) {
    super("a webhook has to be called first");
  }
}

/**
 * Lets code that runs without yielding call webhooks: what it does not know yet ends the attempt, is asked for, and the
 * attempt starts anew. So nothing may be written before the last webhook has answered.
 */
export async function withCalls<T>(
  attempt: (ask: (call: WebhookCall) => string) => T,
  call: (call: WebhookCall) => Promise<string>,
): Promise<T> {
  const answers = new Map<string, string>();
  const ask = (wanted: WebhookCall): string => {
    const answer = answers.get(JSON.stringify(wanted));
    if (answer === undefined) throw new PendingCall(wanted);
    return answer;
  };
  for (;;) {
    try {
      return attempt(ask);
    } catch (error) {
      if (!(error instanceof PendingCall)) throw error;
      answers.set(JSON.stringify(error.call), await call(error.call));
    }
  }
}
