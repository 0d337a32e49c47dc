import type { Script } from "unbash";
import type { Process } from "../processes/process";
import type { ShellState } from "./state";

/** What expansion needs from the shell that asks for it. */
export interface Expander {
  readonly state: ShellState;
  readonly process: Process;
  get(name: string): string | undefined;
  set(name: string, value: string): Promise<void>;
  /** The output of a command substitution, without its last line breaks. */
  substitute(script: Script, source: string): Promise<string>;
  /** Reports and ends what is being run. */
  fail(text: string): Promise<never>;
}
