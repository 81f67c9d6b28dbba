import type { Command } from 'commander';

/** Adds command lines that can be copied to a command's help. */
export function addExamples(command: Command, ...lines: string[]): Command {
  const title = lines.length === 1 ? 'Example' : 'Examples';
  return command.addHelpText('after', `\n${title}:\n${lines.map(line => `  ${line}`).join('\n')}`);
}
