import { WorkstationError, type Workstation } from "../workstation/workstation";

/** Whatever ended it may hit it again. */
const MOST_REVIVALS = 3;

/**
 * A workstation in which one that was killed runs again as soon as it is needed: the learner opens a new shell, and
 * finds their files as they were.
 */
export function reviving(
  workstation: Workstation,
): Pick<Workstation, "start" | "command" | "folders" | "remove" | "list" | "revive"> {
  return {
    start: (spec) => workstation.start(spec),
    folders: (sandboxId) => workstation.folders(sandboxId),
    remove: (sandboxId) => workstation.remove(sandboxId),
    list: () => workstation.list(),
    revive: (sandboxId) => workstation.revive(sandboxId),
    command: async (sandboxId, request) => {
      for (let attempt = 1; ; attempt++) {
        try {
          return await workstation.command(sandboxId, request);
        } catch (error) {
          const isGone = error instanceof WorkstationError && error.code === "not-running";
          if (!isGone || attempt > MOST_REVIVALS || !(await workstation.revive(sandboxId))) throw error;
        }
      }
    },
  };
}
