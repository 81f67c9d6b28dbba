import type { OutlineCommand } from './outline.ts';

/** A command's name in a script: `db/backup`. */
export function key(path: readonly string[]): string {
  return path.join('/');
}

/** The text in single quotes, as bash, zsh and fish read it. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'"'"'`)}'`;
}

/** Every flag whose next word is its value, which must not be taken for a command. */
export function valueFlags(commands: readonly OutlineCommand[]): string[] {
  const flags = commands.flatMap(command => command.flags).filter(flag => flag.required);
  return [...new Set(flags.map(flag => flag.name))].sort();
}

/** From a command and the next word to the command that these name. */
export function commandPatterns(commands: readonly OutlineCommand[]): { from: string; to: string }[] {
  return commands
    .filter(({ path }) => path.length > 0)
    .map(({ path }) => ({ from: `${key(path.slice(0, -1))}/${path.at(-1)}`, to: key(path) }));
}
