import { commandPatterns, key, quoted, valueFlags } from './common.ts';
import type { OutlineCommand, Values } from './outline.ts';

/** A completion script for zsh, to be sourced or put into a folder of `fpath` as `_proxmox-mpc`. */
export function zshScript(commands: readonly OutlineCommand[]): string {
  const values = commands.flatMap(({ path, flags }) =>
    flags.flatMap(({ name, value }) =>
      value === null ? [] : [`    ${quoted(`${key(path)}:${name}`)}) ${offer(value)}; return ;;`],
    ),
  );
  const cases = commands.map(({ path, flags, commands: children, argument }) => {
    const next =
      children.length > 0 ? described('command', children) : argument === null ? ':' : offer(argument);
    return `    ${quoted(key(path))}) if [[ $cur == -* ]]; then ${described('option', flags)}; else ${next}; fi ;;`;
  });
  return `#compdef proxmox-mpc
# proxmox-mpc completion for zsh: source <(proxmox-mpc completion zsh)
_proxmox_mpc() {
  local cur=$words[CURRENT] prev=$words[CURRENT-1] at='' i
  local -a found
  if [[ $cur == --*=* ]]; then prev=\${cur%%=*}; cur=\${cur#*=}; compset -P '*='; fi
  for ((i = 2; i < CURRENT; i++)); do
    case $words[i] in
      ${valueFlags(commands).join('|')}) ((i++)); continue ;;
    esac
    case $at/$words[i] in
${commandPatterns(commands)
  .map(({ from, to }) => `      ${quoted(from)}) at=${quoted(to)} ;;`)
  .join('\n')}
    esac
  done
  [[ $cur == -* ]] || case $at:$prev in
${values.join('\n')}
  esac
  case $at in
${cases.join('\n')}
  esac
}
# Loaded from fpath, the file itself is the function that completes; sourced, it only says which one does.
if [[ $funcstack[1] == _proxmox-mpc ]]; then _proxmox_mpc "$@"; else compdef _proxmox_mpc proxmox-mpc; fi
`;
}

function offer(values: Values): string {
  if (values === 'anything') return ':';
  if (values === 'files') return '_files';
  return `compadd -- ${values.map(quoted).join(' ')}`;
}

/** Names with their descriptions. */
function described(
  kind: 'command' | 'option',
  list: readonly { name: string; description: string }[],
): string {
  const words = list.map(({ name, description }) => quoted(`${name}:${description}`)).join(' ');
  return `found=(${words}); _describe ${kind === 'option' ? '-o ' : ''}${kind} found`;
}
