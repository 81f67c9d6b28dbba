import { quoted } from './common.ts';
import type { OutlineCommand, Values } from './outline.ts';

/** A completion script for fish. */
export function fishScript(commands: readonly OutlineCommand[]): string {
  const [program, ...others] = commands as [OutlineCommand, ...OutlineCommand[]];
  const lines = [
    '# proxmox-mpc completion for fish: proxmox-mpc completion fish | source',
    'complete -c proxmox-mpc -f',
    ...program.flags.map(flag => flagLine(flag, '')),
    ...program.commands.map(child => commandLine(child, '__fish_use_subcommand')),
  ];
  const general = new Set(program.flags.map(flag => flag.name));
  for (const { path, commands: children, flags, argument } of others) {
    const here = path.map(name => `__fish_seen_subcommand_from ${name}`).join('; and ');
    const names = children.map(child => child.name).join(' ');
    for (const child of children)
      lines.push(commandLine(child, `${here}; and not __fish_seen_subcommand_from ${names}`));
    for (const flag of flags) if (!general.has(flag.name)) lines.push(flagLine(flag, here));
    if (argument !== null && argument !== 'anything')
      lines.push(
        `complete -c proxmox-mpc -n ${quoted(here)} ${argument === 'files' ? '-F' : given(argument)}`,
      );
  }
  return `${lines.join('\n')}\n`;
}

function commandLine({ name, description }: { name: string; description: string }, when: string): string {
  return `complete -c proxmox-mpc -n ${quoted(when)} -a ${name} -d ${quoted(description)}`;
}

function flagLine(
  { name, description, value, required }: OutlineCommand['flags'][number],
  when: string,
): string {
  const only = when === '' ? '' : ` -n ${quoted(when)}`;
  return `complete -c proxmox-mpc${only} -l ${name.slice(2)}${given(value, required)} -d ${quoted(description)}`;
}

function given(value: Values | null, required = false): string {
  if (value === null) return '';
  if (value === 'files') return ' -r -F';
  if (value === 'anything') return ' -x';
  return `${required ? ' -x' : ' -f'} -a ${quoted(value.join(' '))}`;
}
