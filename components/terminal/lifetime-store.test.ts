import { describe, expect, it } from "vitest";
import { LifetimeStore } from "./lifetime-store";

const at = (minute: number): string => new Date(minute * 60_000).toISOString();

class Time {
  minute = 0;
  #timers: { at: number; run: () => void }[] = [];

  readonly timers = {
    now: () => this.minute * 60_000,
    after: (ms: number, run: () => void) => {
      const timer = { at: this.minute * 60_000 + ms, run };
      this.#timers.push(timer);
      return () => {
        this.#timers = this.#timers.filter((one) => one !== timer);
      };
    },
  };

  pass(minutes: number): void {
    this.minute += minutes;
    for (const timer of this.#timers.filter((one) => one.at <= this.minute * 60_000)) timer.run();
  }
}

describe("when a sandbox stops", () => {
  it("is told calmly first, then as a warning, and calmly again once it was put off", () => {
    const time = new Time();
    const store = new LifetimeStore(time.timers);
    expect(store.get()).toEqual({ phase: "none" });
    const end = { at: at(60), warnAt: at(55), reason: "idle" } as const;
    store.follow({ end });
    expect(store.get()).toEqual({ phase: "calm", end });
    time.pass(55);
    expect(store.get()).toEqual({ phase: "soon", end });
    const later = { at: at(115), warnAt: at(110), reason: "idle" } as const;
    store.follow({ end: later });
    expect(store.get()).toEqual({ phase: "calm", end: later });
    store.follow({ end: null });
    time.pass(100);
    expect(store.get()).toEqual({ phase: "none" });
  });

  it("is a warning at once when it is soon already", () => {
    const store = new LifetimeStore(new Time().timers);
    store.follow({ end: { at: at(3), warnAt: at(-2), reason: "lifetime" } });
    expect(store.get()).toMatchObject({ phase: "soon" });
  });

  it("is not told again while nothing changes", () => {
    const store = new LifetimeStore(new Time().timers);
    let told = 0;
    store.subscribe(() => told++);
    const end = { at: at(60), warnAt: at(55), reason: "idle" } as const;
    store.follow({ end });
    store.follow({ end });
    expect(told).toBe(1);
  });
});
