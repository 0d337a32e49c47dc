/** The shell of a `host` workstation says what it is; completion is read in at the first Tab. */
export function bashrc(completionsDirectory: string): string {
  return `echo "This shell runs on your own machine, as you: it can see and change your files."
PS1='\\[\\e[1;32m\\]host\\[\\e[0m\\]:\\[\\e[1;34m\\]\\w\\[\\e[0m\\]\\$ '
export EDITOR="\${EDITOR:-nano}" KUBE_EDITOR="\${EDITOR:-nano}"
alias ls='ls --color=auto' grep='grep --color=auto' k=kubectl
_slipway_kubectl() {
  complete -r kubectl k
  [[ -r /usr/share/bash-completion/bash_completion ]] && . /usr/share/bash-completion/bash_completion
  . '${completionsDirectory}/kubectl'
  complete -o default -F __start_kubectl k
  return 124
}
complete -F _slipway_kubectl kubectl k
`;
}
