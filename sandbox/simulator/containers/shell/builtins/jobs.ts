import { Interrupted } from "../../processes/program";
import type { Builtin } from "./builtin";

export const wait: Builtin = async (shell, args) => {
  const wanted = args.map((word) =>
    word.startsWith("%")
      ? shell.state.jobs.find((job) => String(job.number) === word.slice(1))
      : shell.state.jobs.find((job) => job.processes.some((process) => String(process.pid) === word)),
  );
  const jobs = args.length === 0 ? shell.state.jobs : wanted;
  let status = 0;
  for (const job of jobs) {
    if (!job) {
      status = 127;
      continue;
    }
    for (const child of job.processes) {
      try {
        status = (await shell.process.wait(child)).code;
      } catch (error) {
        // A signal with a trap ends the wait.
        if (error instanceof Interrupted && shell.trapPending) return 130;
        throw error;
      }
    }
  }
  return args.length === 0 ? 0 : status;
};

export const jobs: Builtin = async (shell) => {
  for (const job of shell.state.jobs) {
    const current = job === shell.state.jobs.at(-1) ? "+" : "-";
    const state = job.status === undefined ? "Running" : job.status === 0 ? "Done" : `Done(${job.status})`;
    await shell.process.print(
      `[${job.number}]${shell.state.dialect === "ash" ? `${current} ` : ` ${current}`} ${state.padEnd(26)} ${job.text}\n`,
    );
  }
  shell.state.jobs = shell.state.jobs.filter((job) => job.status === undefined);
  return 0;
};

export const foreground: Builtin = async (shell, args, name) => {
  const job =
    args[0] === undefined
      ? shell.state.jobs.at(-1)
      : shell.state.jobs.find((each) => String(each.number) === args[0]?.replace(/^%/, ""));
  if (!job) {
    await shell.complain("no current job", name);
    return 1;
  }
  if (name === "bg") return 0;
  await shell.process.print(`${job.text}\n`);
  const status = await shell.waitForeground(job.processes);
  shell.state.jobs = shell.state.jobs.filter((each) => each !== job);
  return status;
};
