import { API_DIRECTORY, HOME, LEARNER_ID, RELAY_ID, SEED_DIRECTORY } from "./places";

/** Files of our own in the root file system: path → text. */
export const FILES: Readonly<Record<string, string>> = {
  "etc/passwd": `root:x:0:0:root:/root:/usr/sbin/nologin
relay:x:${RELAY_ID}:${RELAY_ID}:relay:/:/usr/sbin/nologin
learner:x:${LEARNER_ID}:${LEARNER_ID}:learner:${HOME}:/bin/bash
nobody:x:65534:65534:nobody:/:/usr/sbin/nologin
`,
  "etc/group": `root:x:0:
tty:x:5:
relay:x:${RELAY_ID}:
learner:x:${LEARNER_ID}:
nogroup:x:65534:
`,
  "etc/hosts": "127.0.0.1 localhost\n127.0.1.1 workstation\n",
  "etc/hostname": "workstation\n",
  "etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
  "etc/resolv.conf": "",

  "etc/profile": `export PATH=/usr/local/bin:/usr/bin:/bin
export LANG=C.UTF-8 EDITOR=nano KUBE_EDITOR=nano PAGER=less LESS=-R
umask 022
[[ $- == *i* && -r /etc/motd ]] && cat /etc/motd
[[ $- == *i* ]] && . /etc/bash.bashrc
[[ -r ~/.bash_profile ]] && . ~/.bash_profile || { [[ -r ~/.bashrc ]] && . ~/.bashrc; }
true
`,

  // Completion is read in at the first Tab: it would cost a quarter of the time to the prompt.
  "etc/bash.bashrc": `[[ $- == *i* ]] || return
PS1='\\[\\e[1;32m\\]learner\\[\\e[0m\\]:\\[\\e[1;34m\\]\\w\\[\\e[0m\\]\\$ '
shopt -s checkwinsize histappend globstar
HISTSIZE=5000 HISTFILESIZE=5000 HISTCONTROL=ignoredups
alias ls='ls --color=auto' ll='ls -l --color=auto' grep='grep --color=auto' diff='diff --color=auto'
alias k=kubectl
_read_completions() {
  declare -F _completion_loader >/dev/null || . /usr/share/bash-completion/bash_completion
  _completion_loader "$1"
}
_complete_k() {
  _read_completions kubectl
  complete -o default -F __start_kubectl k
  return 124
}
complete -D -F _read_completions -o bashdefault -o default
complete -F _complete_k k
`,

  "etc/motd": "Your own Kubernetes cluster is one command away: \u001b[1mkubectl get nodes\u001b[0m\n",

  "etc/inputrc": `set bell-style none
set show-all-if-ambiguous on
"\\e[1;5C": forward-word
"\\e[1;5D": backward-word
"\\e[3~": delete-char
"\\e[H": beginning-of-line
"\\e[F": end-of-line
`,

  "etc/nanorc": `set autoindent
set tabsize 2
set tabstospaces
include "/usr/share/nano/*.nanorc"
`,

  "etc/vim/vimrc.tiny": `set nocompatible
set backspace=indent,eol,start
set expandtab shiftwidth=2 softtabstop=2 autoindent
set ruler
`,

  // Every process that enters goes through here. The first one fills the home; the others wait until it is filled.
  "usr/lib/slipway/enter": `#!/bin/bash
state=/run/learner
if [[ ! -e $state/ready ]]; then
  exec 9>"$state/lock"
  flock 9
  if [[ ! -e $state/ready ]]; then
    cp -R --no-preserve=all ${SEED_DIRECTORY}/. ${HOME}/ && chmod 600 ${HOME}/.kube/config && : >"$state/ready"
  fi
  exec 9>&-
fi
exec "$@"
`,

  // The first process: tini reaps what is orphaned, socat carries 127.0.0.1:6443 to the cluster's own socket.
  "usr/lib/slipway/init": `#!/bin/bash
/usr/lib/slipway/ports &
exec /usr/bin/tini -g -- /usr/bin/socat \\
  TCP-LISTEN:6443,bind=127.0.0.1,fork,reuseaddr,nodelay,backlog=64,max-children=48 "UNIX-CONNECT:${API_DIRECTORY}/$1"
`,

  // Listens on the cluster's addresses for as long as the cluster says that something answers there.
  "usr/lib/slipway/ports": `#!/bin/bash
declare -A relays
open() {
  [[ -z \${relays[$1-$2]} ]] || return
  socat "TCP-LISTEN:$2,bind=$1,fork,reuseaddr,nodelay,backlog=32,max-children=16" "UNIX-CONNECT:${API_DIRECTORY}/$1-$2" &
  relays[$1-$2]=$!
}
shut() {
  [[ -z \${relays[$1]} ]] || kill "\${relays[$1]}"
  unset "relays[$1]"
}
exec 2>/dev/null
while :; do
  while read -r sign address port; do
    case $sign in
      +) open "$address" "$port" ;;
      -) shut "$address-$port" ;;
    esac
  done < <(exec socat -u "UNIX-CONNECT:${API_DIRECTORY}/ports" -)
  for key in "\${!relays[@]}"; do shut "$key"; done
  sleep 3
done
`,

  "usr/local/bin/slipway": `#!/bin/bash
usage() {
  printf '%s\\n' 'slipway node-shell NODE       a shell on a machine of the cluster' \
    'slipway trace [FROM] TO      the way of a request: FROM is a pod, a node or outside; TO is NAME:PORT or a URL' >&2
  exit 2
}
case $1 in
  node-shell)
    [[ $# -eq 2 ]] || usage
    kubectl get node "$2" -o name >/dev/null || exit 1
    spec="{\\"spec\\":{\\"nodeName\\":\\"$2\\",\\"hostNetwork\\":true,\\"hostPID\\":true,\\"tolerations\\":[{\\"operator\\":\\"Exists\\"}]}}"
    tty=-i; [[ -t 0 ]] && tty=-it
    exec kubectl run "node-shell-$RANDOM" --rm --quiet $tty --restart=Never --image=nicolaka/netshoot --overrides="$spec" -- bash
    ;;
  trace)
    case $# in 2) from=outside to=$2 ;; 3) from=$2 to=$3 ;; *) usage ;; esac
    way=$(kubectl get --raw "/slipway/trace?from=$(jq -rn --arg v "$from" '$v|@uri')&to=$(jq -rn --arg v "$to" '$v|@uri')") || exit 1
    jq -r '"\\(.from) -> \\(.to)", (.hops[] | "  \\(.kind)\\t" + (.detail | to_entries | map("\\(.key)=\\(.value)") | join("  "))), .outcome' <<<"$way"
    ;;
  *) usage ;;
esac
`,
};

export const EXECUTABLE_FILES: ReadonlySet<string> = new Set([
  "usr/lib/slipway/enter",
  "usr/lib/slipway/init",
  "usr/lib/slipway/ports",
  "usr/local/bin/slipway",
]);
