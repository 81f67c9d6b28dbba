import type { Argument, Command, Option } from 'commander';

/** The possible values: one of some words, a file, or anything. */
export type Values = readonly string[] | 'files' | 'anything';

/** One flag. */
export interface OutlineFlag {
  /** With its dashes: `--status`. */
  name: string;
  description: string;
  /** The value after it; null if it takes none. */
  value: Values | null;
  /** The value is required: the next word is never a command. */
  required: boolean;
}

/** One command as a shell needs to know it. */
export interface OutlineCommand {
  /** The words that lead to it: `[]` is the program, `['db', 'backup']` one of its commands. */
  path: readonly string[];
  description: string;
  /** Names and descriptions of its subcommands. */
  commands: readonly { name: string; description: string }[];
  flags: readonly OutlineFlag[];
  /** The values of its first argument; null if it takes none. */
  argument: Values | null;
}

/** Every command of the program with the flags it takes, including those of the program. */
export function outlineOf(program: Command, tools: readonly string[]): OutlineCommand[] {
  const visit = (command: Command, path: string[], above: Option[]): OutlineCommand[] => {
    const options = [...command.options, ...above];
    const children = command.commands.filter(child => child.name() !== 'help');
    return [
      {
        path,
        description: firstSentence(command.summary() || command.description()),
        commands: children.map(child => ({
          name: child.name(),
          description: firstSentence(child.summary() || child.description()),
        })),
        flags: [...options.filter(option => option.long).map(flagOf), HELP],
        argument: argumentOf(command.registeredArguments[0], tools),
      },
      ...children.flatMap(child => visit(child, [...path, child.name()], options)),
    ];
  };
  return visit(program, [], []);
}

const HELP: OutlineFlag = { name: '--help', description: 'Show help.', value: null, required: false };

function flagOf(option: Option): OutlineFlag {
  const [, placeholder] = /[<[](.*)[\]>]$/.exec(option.flags) ?? [];
  return {
    name: option.long!,
    description: firstSentence(option.description),
    value: placeholder === undefined ? null : (option.argChoices ?? valuesOf(placeholder)),
    required: option.required,
  };
}

function argumentOf(argument: Argument | undefined, tools: readonly string[]): Values | null {
  if (argument === undefined) return null;
  if (argument.name() === 'tool') return tools;
  return argument.argChoices ?? valuesOf(argument.name());
}

/** A placeholder tells its values: `running|stopped`, `file`, `seconds`. */
function valuesOf(placeholder: string): Values {
  if (placeholder.includes('|')) return placeholder.split('|');
  return placeholder === 'file' || placeholder === 'path' ? 'files' : 'anything';
}

function firstSentence(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(/^(.{10,}?[.;:!?])(?: .*)?$/, '$1')
    .replace(/[;:]$/, '');
}
