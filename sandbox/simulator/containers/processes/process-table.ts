import { FileError } from "../filesystem/file-error";
import type { Process } from "./process";
import type { Signal } from "./signals";

const MAX_PROCESSES = 200;

/** The processes of one pid namespace. When number 1 ends, all end. */
export class ProcessTable {
  readonly #processes = new Map<number, Process>();
  #nextPid = 1;

  /** Throws `FileError` EAGAIN when there are too many. */
  add(process: (pid: number) => Process): Process {
    if (this.#processes.size >= MAX_PROCESSES) throw new FileError("EAGAIN");
    const made = process(this.#nextPid++);
    this.#processes.set(made.pid, made);
    return made;
  }

  get(pid: number): Process | undefined {
    return this.#processes.get(pid);
  }

  all(): Process[] {
    return [...this.#processes.values()];
  }

  /** Called by a process at its end. */
  ended(process: Process): void {
    this.#processes.delete(process.pid);
    if (process.pid === 1) for (const other of this.all()) other.kill();
    else for (const child of this.all()) if (child.ppid === process.pid) child.ppid = 1;
  }

  signalGroup(group: number, signal: Signal): boolean {
    const members = this.all().filter((process) => process.group === group);
    for (const process of members) process.signal(signal);
    return members.length > 0;
  }
}
