import { commandPatterns, key, quoted, valueFlags } from './common.ts';
import type { OutlineCommand, Values } from './outline.ts';

/** A completion script for bash; it needs no other program, and evaluates nothing that was typed. */
export function bashScript(commands: readonly OutlineCommand[]): string {
  const values = commands.flatMap(({ path, flags }) =>
    flags.flatMap(({ name, value }) =>
      value === null ? [] : [`    ${quoted(`${key(path)}:${name}`)}) ${offer(value)}; return ;;`],
    ),
  );
  const cases = commands.map(({ path, flags, commands: children, argument }) => {
    const next = children.length > 0 ? children.map(child => child.name) : (argument ?? []);
    const names = quoted(flags.map(flag => flag.name).join(' '));
    return `    ${quoted(key(path))}) if [[ $cur == -* ]]; then ${offer(names)}; else ${offer(next)}; fi ;;`;
  });
  return `# proxmox-mpc completion for bash: source <(proxmox-mpc completion bash)
_proxmox_mpc() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} at='' i
  if [[ $cur == '=' ]]; then cur=''; elif [[ $prev == '=' ]]; then prev=\${COMP_WORDS[COMP_CWORD - 2]}; fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case \${COMP_WORDS[i]} in
      ${valueFlags(commands).join(' | ')}) ((i++)); [[ \${COMP_WORDS[i]} == '=' ]] && ((i++)); continue ;;
    esac
    case $at/\${COMP_WORDS[i]} in
${commandPatterns(commands)
  .map(({ from, to }) => `      ${quoted(from)}) at=${quoted(to)} ;;`)
  .join('\n')}
    esac
  done
  COMPREPLY=()
  [[ $cur == -* ]] || case $at:$prev in
${values.join('\n')}
  esac
  case $at in
${cases.join('\n')}
  esac
}
complete -F _proxmox_mpc proxmox-mpc
`;
}

/** The words are ours, so compgen may split and expand them; the typed text is only compared. */
function offer(values: Values | string): string {
  if (values === 'anything' || values.length === 0) return ':';
  if (values === 'files') return 'compopt -o default';
  const words = typeof values === 'string' ? values : quoted(values.join(' '));
  return `COMPREPLY=($(compgen -W ${words} -- "$cur"))`;
}
