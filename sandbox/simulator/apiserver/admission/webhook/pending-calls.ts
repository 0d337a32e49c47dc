import type { WebhookAnswer, WebhookCall } from "./webhook-call";

/** Thrown where a request needs the answer of a webhook that was not called yet. Never leaves the server. */
class PendingCall extends Error {
  override readonly name = "PendingCall";

  constructor(readonly call: WebhookCall) {
    super("a webhook has to be called first");
  }
}

/**
 * Lets code that runs without yielding call webhooks: what it does not know yet ends the attempt, is asked for, and the
 * attempt starts anew. So nothing may be written before the last webhook has answered, and each attempt must ask the
 * same in the same order.
 */
export async function withCalls<T>(
  attempt: (ask: (call: WebhookCall) => WebhookAnswer) => T,
  call: (call: WebhookCall) => Promise<WebhookAnswer>,
): Promise<T> {
  const answers: WebhookAnswer[] = [];
  for (;;) {
    let asked = 0;
    const ask = (wanted: WebhookCall): WebhookAnswer => {
      const answer = answers[asked++];
      if (!answer) throw new PendingCall(wanted);
      return answer;
    };
    try {
      return attempt(ask);
    } catch (error) {
      if (!(error instanceof PendingCall)) throw error;
      answers.push(await call(error.call));
    }
  }
}
