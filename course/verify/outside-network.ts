import { spawnSync } from "node:child_process";

/** How to start a shell that stands outside the cluster, as a learner's workstation does. */
export interface ShellLaunch {
  readonly command: string;
  readonly args: readonly string[];
}

/**
 * A network of its own in which the API server answers on 127.0.0.1:6443, and the addresses of the cluster's machines and
 * load balancers as the cluster tells: $1 is the folder of its sockets. Everything ends with the shell.
 */
const SCRIPT = `
ip link set lo up
ip route add local 172.18.0.0/16 dev lo
setpriv --pdeathsig KILL socat "TCP-LISTEN:6443,bind=127.0.0.1,fork,reuseaddr,nodelay" "UNIX-CONNECT:$1/s" &
setpriv --pdeathsig KILL bash -c '
  until [[ -S $1/ports ]]; do sleep 0.1; done
  while read -r sign address port; do
    [[ $sign == + ]] || continue
    setpriv --pdeathsig KILL socat "TCP-LISTEN:$port,bind=$address,fork,reuseaddr,nodelay" "UNIX-CONNECT:$1/$address-$port" &
  done < <(exec setpriv --pdeathsig KILL socat -u "UNIX-CONNECT:$1/ports" -)
' ports "$1" 2>/dev/null &
# A shell that runs a script has dropped its prompt.
export PS1=$LESSON_PROMPT
exec bash --norc --noprofile -i
`;

const TOOLS = ["unshare", "ip", "socat", "setpriv"];

/** Why this machine cannot give a shell such a network; undefined when it can. */
export function whyNoOutside(): string | undefined {
  if (process.getuid?.() !== 0) return "only root can give a shell a network of its own";
  const missing = TOOLS.find((tool) => spawnSync("which", [tool]).status !== 0);
  return missing && `there is no ${missing} on this machine`;
}

/** A shell beside the cluster whose sockets lie in `sockets`. */
export function outsideShell(sockets: string): ShellLaunch {
  return { command: "unshare", args: ["--net", "bash", "-c", SCRIPT, "network", sockets] };
}

/** A shell on this machine's own network. */
export const PLAIN_SHELL: ShellLaunch = { command: "bash", args: ["--norc", "--noprofile", "-i"] };
