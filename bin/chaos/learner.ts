import { setTimeout as sleep } from "node:timers/promises";
import { Learner } from "../bench/learner";

const PATIENCE_MS = 12_000;
const COME_BACK_WITHIN_MS = 90_000;

/** What a learner was told is done. */
export interface Acknowledged {
  readonly objects: Set<string>;
  readonly files: Set<string>;
}

/**
 * A learner who goes on whatever breaks: makes objects and files, and writes down which of them the shell said are
 * there. What was typed and never answered may be there or not.
 */
export class StubbornLearner {
  readonly acknowledged: Acknowledged = { objects: new Set(), files: new Set() };
  readonly #learner: Learner;
  readonly #lessonId: string;
  readonly #name: string;
  readonly #random: () => number;
  readonly #stop: (sandboxId: string) => Promise<void>;
  #count = 0;
  #attached = false;
  /** Commands without an answer. */
  unanswered = 0;
  resumed = 0;

  constructor(
    name: string,
    origin: string,
    lessonId: string,
    random: () => number,
    stop: (sandboxId: string) => Promise<void>,
  ) {
    this.#stop = stop;
    this.#name = name;
    this.#learner = new Learner(origin);
    this.#lessonId = lessonId;
    this.#random = random;
  }

  async workUntil(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#come();
        if (this.#random() < 0.03) await this.#leaveAndStop();
        else await this.#make();
      } catch {
        // Something was killed under it: it comes again, as people do.
        this.#drop();
        await sleep(100);
      }
      await sleep(100 + this.#random() * 300);
    }
  }

  /** Breaks the connection off, as a network does. */
  cut(): boolean {
    if (!this.#attached) return false;
    this.#drop();
    return true;
  }

  /** What is there now, once everything is up again. */
  async lookAround(): Promise<Acknowledged> {
    const deadline = performance.now() + COME_BACK_WITHIN_MS;
    for (;;) {
      try {
        await this.#come();
        const screen = await this.#learner.run(
          `kubectl get configmaps -o jsonpath='{range .items[*]}obj={.metadata.name}{"\\n"}{end}' && ls | sed 's/^/file=/'`,
          30_000,
        );
        if (!screen.includes("obj=kube-root-ca.crt"))
          throw new Error(`the cluster does not answer: ${screen.slice(-300)}`);
        const names = (kind: string): Set<string> =>
          new Set([...screen.matchAll(new RegExp(`${kind}=([\\w.-]+)`, "g"))].map((match) => match[1] ?? ""));
        return { objects: names("obj"), files: names("file") };
      } catch (error) {
        this.#drop();
        if (performance.now() > deadline) throw error;
        await sleep(500);
      }
    }
  }

  get sandboxId(): string {
    return this.#learner.sandboxId;
  }

  leave(): void {
    this.#drop();
  }

  async #come(): Promise<void> {
    if (this.#attached && this.#learner.isAttached) return;
    const before = this.#learner.sandboxId;
    await this.#learner.start(this.#lessonId, PATIENCE_MS);
    if (before !== this.#learner.sandboxId) this.resumed++;
    this.#attached = true;
  }

  async #make(): Promise<void> {
    const isObject = this.#random() < 0.6;
    const name = `${this.#name}-${++this.#count}`;
    const make = isObject
      ? `kubectl create configmap ${name} --request-timeout=5s >/dev/null`
      : `echo ${name} >${name}`;
    // The screen shows what is typed too; the answer is put together by the shell.
    this.unanswered++;
    const screen = await this.#learner.run(`${make} && echo "made:""${name}"`, PATIENCE_MS);
    this.unanswered--;
    if (screen.includes(`made:${name}`)) this.acknowledged[isObject ? "objects" : "files"].add(name);
  }

  /** Says that it is enough for today; the next command wants everything back. */
  async #leaveAndStop(): Promise<void> {
    await this.#stop(this.sandboxId);
    this.#drop();
  }

  #drop(): void {
    this.#attached = false;
    this.#learner.leave();
  }
}
