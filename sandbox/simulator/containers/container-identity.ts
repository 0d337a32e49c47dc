import { type ContainerConfig, CreateContainerError } from "../kubelet/container-runtime";
import type { Caller } from "./filesystem/file-system";
import type { Image } from "./images/image";
import type { Machine } from "./processes/machine";

/** Who a container's processes are, and where they start. */
export interface Identity {
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
  readonly home: string;
  readonly cwd: string;
}

/** Works out user, groups and home from the image's /etc/passwd and /etc/group; makes the working folder. */
export function containerIdentity(config: ContainerConfig, image: Image, machine: Machine): Identity {
  const root: Caller = { pid: 0, cwd: "/", uid: 0, gid: 0, umask: 0o022, descriptor: () => undefined };
  const read = (path: string): string[][] =>
    machine.fileSystem.find(root, path)?.kind === "file"
      ? machine.fileSystem
          .readText(root, path)
          .split("\n")
          .map((line) => line.split(":"))
      : [];
  const users = read("/etc/passwd");
  const wanted = config.user === undefined ? image.user : String(config.user);
  const user = users.find(([name, , uid]) => name === wanted || uid === wanted);
  if (!user && !/^\d+$/.test(wanted))
    throw new CreateContainerError(
      "CreateContainerError",
      `unable to find user ${wanted}: no matching entries in passwd file`,
    );
  const name = user?.[0];
  const uid = Number(user?.[2] ?? wanted);
  const gid = config.group ?? Number(user?.[3] ?? 0);
  const groups = read("/etc/group")
    .filter(([, , , members]) => name !== undefined && members?.split(",").includes(name))
    .map(([, , id]) => Number(id));
  const cwd = config.workingDir ?? image.workingDir;
  if (!machine.fileSystem.find(root, cwd)) {
    let made = "";
    for (const part of cwd.split("/").filter(Boolean)) {
      made += `/${part}`;
      if (!machine.fileSystem.find(root, made)) machine.fileSystem.makeDirectory(root, made, 0o755);
    }
  }
  return {
    uid,
    gid,
    groups: [...new Set([gid, ...groups, ...(config.groups ?? [])])].sort((a, b) => a - b),
    home: user?.[5] || "/",
    cwd,
  };
}
