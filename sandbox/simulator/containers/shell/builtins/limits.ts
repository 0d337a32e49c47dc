import type { Builtin } from "./builtin";

export const umask: Builtin = async (shell, args, name) => {
  const [value] = args;
  if (value === undefined) await shell.process.print(`${shell.process.umask.toString(8).padStart(4, "0")}\n`);
  else if (/^[0-7]{1,4}$/.test(value)) shell.process.umask = Number.parseInt(value, 8) & 0o777;
  else return shell.fail(`Illegal mode: ${value}`, name);
  return 0;
};

export const ulimit: Builtin = async (shell, args) => {
  await shell.process.print(args[0] === "-n" ? "1048576\n" : "unlimited\n");
  return 0;
};

export const times: Builtin = async (shell) => {
  await shell.process.print("0m0.00s 0m0.00s\n0m0.00s 0m0.00s\n");
  return 0;
};
