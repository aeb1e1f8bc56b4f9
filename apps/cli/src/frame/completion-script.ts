// The completion scripts of the shells. They hold no knowledge of commands: they hand the typed
// words to `s2kit complete` and show what it answers. Spec: cli#version-and-updates.

import { usageError } from "../values/failure.js";

// Bash splits words at colons: `s2://x` arrives in pieces, so the line is split here by blanks, and
// what stands before the last colon is taken off the candidates again.
const BASH = `_s2kit() {
  local line="\${COMP_LINE:0:COMP_POINT}" words current cut
  read -ra words <<< "$line"
  case "$line" in *[[:space:]]) words+=("") ;; esac
  current="\${words[\${#words[@]}-1]}"
  cut=""
  case "$COMP_WORDBREAKS" in *:*) case "$current" in *:*) cut="\${current%:*}:" ;; esac ;; esac
  COMPREPLY=()
  while IFS= read -r word; do
    COMPREPLY+=("\${word#"$cut"}")
  done < <(s2kit complete -- "\${words[@]:1}" 2>/dev/null)
  if [ "\${#COMPREPLY[@]}" -eq 1 ]; then
    case "\${COMPREPLY[0]}" in */) compopt -o nospace 2>/dev/null ;; esac
  elif [ "\${#COMPREPLY[@]}" -eq 0 ]; then
    compopt -o default 2>/dev/null
  fi
}
complete -F _s2kit s2kit
`;

// Autoloaded from a directory of \$fpath the file is the function itself at its first call; sourced
// it must register. After a basin with its slash the name goes on: no blank there.
const ZSH = `#compdef s2kit
_s2kit() {
  local -a found whole open
  found=("\${(@f)$(s2kit complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  found=(\${found:#})
  whole=(\${found:#*/})
  open=(\${(M)found:#*/})
  if (( \${#found} )); then
    (( \${#whole} )) && compadd -a -- whole
    (( \${#open} )) && compadd -S '' -a -- open
  else
    _files
  fi
}
if [[ "\${funcstack[1]}" == _s2kit ]]; then
  _s2kit "$@"
else
  compdef _s2kit s2kit
fi
`;

const FISH = `function __s2kit_complete
    set -l words (commandline -opc) (commandline -ct)
    set -l found (s2kit complete -- $words[2..-1] 2>/dev/null)
    if test (count $found) -gt 0
        printf '%s\\n' $found
    else
        __fish_complete_path (commandline -ct)
    end
end
complete -c s2kit -f -a '(__s2kit_complete)'
`;

const SCRIPTS: ReadonlyMap<string, string> = new Map([
  ["bash", BASH],
  ["zsh", ZSH],
  ["fish", FISH],
]);

/** @throws {CliError} exit code 2 for a shell that we have no script for */
export function completionScript(shell: string): string {
  const script = SCRIPTS.get(shell);
  if (script !== undefined) return script;
  throw usageError(`no completion for this shell shell=${shell}`, "shells: bash, zsh, fish");
}
