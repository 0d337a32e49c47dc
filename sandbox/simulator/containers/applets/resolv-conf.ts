import { parseResolvConf, type ResolverConfig } from "../../network/resolver";
import { FileError } from "../filesystem/file-error";
import type { Process } from "../processes/process";

/** What a process's /etc/resolv.conf says; a missing file says nothing. */
export function resolverConfig(process: Process): ResolverConfig {
  try {
    return parseResolvConf(process.machine.fileSystem.readText(process, "/etc/resolv.conf"));
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    return parseResolvConf("");
  }
}
