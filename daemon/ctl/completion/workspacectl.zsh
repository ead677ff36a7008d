#compdef workspacectl
# zsh completion of workspacectl. In ~/.zshrc, after compinit: source <(workspacectl completion zsh)
# Or as the file _workspacectl in a directory of $fpath.
_workspacectl() {
  local line program=${(Q)words[1]/#\~/$HOME}
  local -a candidates
  for line in ${(f)"$($program completion -- "${(@Q)words[2,CURRENT]}" 2>/dev/null)"}; do
    if [[ $line == :files ]]; then
      _files
      return
    fi
    candidates+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
  done
  _describe -t arguments argument candidates
}
if [[ $funcstack[1] == _workspacectl ]]; then
  _workspacectl "$@"
else
  compdef _workspacectl workspacectl
fi
