/** Signal numbers of Linux on x86-64 and arm64. */
export const SIGNALS = {
  HUP: 1,
  INT: 2,
  QUIT: 3,
  ILL: 4,
  TRAP: 5,
  ABRT: 6,
  BUS: 7,
  FPE: 8,
  KILL: 9,
  USR1: 10,
  SEGV: 11,
  USR2: 12,
  PIPE: 13,
  ALRM: 14,
  TERM: 15,
  STKFLT: 16,
  CHLD: 17,
  CONT: 18,
  STOP: 19,
  TSTP: 20,
  TTIN: 21,
  TTOU: 22,
  URG: 23,
  XCPU: 24,
  XFSZ: 25,
  VTALRM: 26,
  PROF: 27,
  WINCH: 28,
  IO: 29,
  PWR: 30,
  SYS: 31,
} as const;

export type Signal = keyof typeof SIGNALS;

/** Signals that do nothing to a process that has not asked for them. (Stopping processes is not simulated.) */
const IGNORED: ReadonlySet<Signal> = new Set(["CHLD", "CONT", "URG", "WINCH", "STOP", "TSTP", "TTIN", "TTOU"]);

export function terminates(signal: Signal): boolean {
  return !IGNORED.has(signal);
}

/** `15`, `TERM`, `SIGTERM` or `term`; `undefined` for anything else. */
export function parseSignal(text: string): Signal | undefined {
  const name = text.toUpperCase().replace(/^SIG/, "");
  for (const [signal, number] of Object.entries(SIGNALS))
    if (signal === name || String(number) === text) return isSignal(signal) ? signal : undefined;
  return undefined;
}

function isSignal(name: string): name is Signal {
  return Object.hasOwn(SIGNALS, name);
}
