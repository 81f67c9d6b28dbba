import type { Command } from 'commander';
import { UsageError } from '../errors.ts';
import { nearest } from '../history/resource-name.ts';

/**
 * The arguments, with `serve` added if no command is named, since hosts start the bare program.
 * @throws UsageError for a command that does not exist, with similar ones
 */
export function argumentsOrDefault(argv: readonly string[], program: Command): string[] {
  const named = commandNamed(argv, program);
  const names = program.commands.flatMap(command => [command.name(), ...command.aliases()]);
  if (named !== undefined && !names.includes(named) && named !== 'help') {
    const near = nearest(named, names);
    throw new UsageError(`There is no command "${named.slice(0, 60)}".`, {
      hint: near.length > 0 ? `Did you mean ${near.join(' or ')}?` : 'proxmox-mpc --help lists the commands.',
    });
  }
  const asksAboutProgram = argv.some(one => ['-h', '--help', '-V', '--version'].includes(one));
  return named === undefined && !asksAboutProgram ? ['serve', ...argv] : [...argv];
}

/** The first argument that is neither a flag nor a flag's value: what should be a command. */
export function commandNamed(argv: readonly string[], program: Command): string | undefined {
  const serve = program.commands.find(command => command.name() === 'serve');
  const options = [...program.options, ...(serve?.options ?? [])];
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at]!;
    if (word === '--') return undefined;
    if (!word.startsWith('-') || word === '-') return word;
    const takesValue = options.some(
      option => option.required && (option.long === word || option.short === word),
    );
    if (takesValue) at++;
  }
  return undefined;
}
