/** Where things are inside a workstation. Mount points must exist beforehand: its root file system is read-only. */
export const HOME = "/home/learner";
/** Holds the unix socket of the cluster's API; only the relay's user may enter. */
export const API_DIRECTORY = "/run/api";
/** What the home starts with. */
export const SEED_DIRECTORY = "/run/seed";
export const LEARNER_STATE_DIRECTORY = "/run/learner";
export const KUBECTL = "/usr/local/bin/kubectl";
export const HELM = "/usr/local/bin/helm";
export const COMPLETIONS_DIRECTORY = "/usr/share/bash-completion/completions";

export const MOUNTED_DIRECTORIES: readonly string[] = [
  "/dev",
  "/proc",
  "/tmp",
  HOME,
  API_DIRECTORY,
  SEED_DIRECTORY,
  LEARNER_STATE_DIRECTORY,
];
export const MOUNTED_FILES: readonly string[] = [
  KUBECTL,
  HELM,
  `${COMPLETIONS_DIRECTORY}/kubectl`,
  `${COMPLETIONS_DIRECTORY}/helm`,
];

/** User and group ids inside. The relay has one of its own, so that the shell can neither end nor trace it. */
export const LEARNER_ID = 1000;
export const RELAY_ID = 998;
export const TTY_GROUP_ID = 5;
