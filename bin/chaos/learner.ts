import { setTimeout as sleep } from "node:timers/promises";
import { Learner } from "../bench/learner";
import type { Moment } from "./timeline";

const PATIENCE_MS = 12_000;
const COME_BACK_WITHIN_MS = 90_000;

/** Names of what there is. */
export interface Present {
  readonly objects: ReadonlySet<string>;
  readonly files: ReadonlySet<string>;
}

/** Something a learner was told is done. */
export interface Acknowledged extends Moment {
  readonly kind: keyof Present;
  readonly name: string;
  readonly sandboxId: string;
}

/**
 * A learner who goes on whatever breaks: makes objects and files, and writes down which of them the shell said are
 * there. What was typed and never answered may be there or not.
 */
export class StubbornLearner {
  readonly acknowledged: Acknowledged[] = [];
  readonly moments: Moment[] = [];
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
  async lookAround(): Promise<Present> {
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
    this.#note(before === this.#learner.sandboxId ? "is back" : "comes to a new sandbox");
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
    if (!screen.includes(`made:${name}`)) return;
    const { sandboxId } = this.#learner;
    const what = `${name} acknowledged in ${sandboxId}`;
    this.acknowledged.push({ at: Date.now(), kind: isObject ? "objects" : "files", name, sandboxId, what });
  }

  /** Says that it is enough for today; the next command wants everything back. */
  async #leaveAndStop(): Promise<void> {
    this.#note("asks for a stop");
    await this.#stop(this.sandboxId);
    this.#note("was told that it stops");
    this.#drop();
  }

  #note(what: string): void {
    this.moments.push({ at: Date.now(), what: `${this.#name} ${what}: ${this.sandboxId}` });
  }

  #drop(): void {
    this.#attached = false;
    this.#learner.leave();
  }
}
