import { ContentError } from "../content-error";

/** A script that does a task wrong, and what the learner must then read. Written as remarks at its head. */
export interface WrongAnswer {
  readonly file: string;
  /** `#@ task ID`: the task that must not pass. */
  readonly taskId: string;
  /** `#@ says TEXT`: the whole message of that task; `*` stands for a part that differs each time, such as a pod's name. */
  readonly says: string;
}

/** Whether a message is the one that `says` promises. */
export function isAsPromised(says: string, message: string): boolean {
  const parts = says.split("*").map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, "\\$&"));
  return new RegExp(`^${parts.join(".+")}$`).test(message);
}

export function parseWrongAnswer(file: string, text: string): WrongAnswer {
  const taskId = /^#@ task (\S+)$/m.exec(text)?.[1];
  const says = /^#@ says (.+)$/m.exec(text)?.[1];
  if (taskId === undefined || says === undefined) {
    throw new ContentError(file, ["it must say `#@ task ID` and `#@ says MESSAGE` at its head"]);
  }
  return { file, taskId, says };
}
