import { type Command, Option } from 'commander';
import type { Flags } from './host.ts';

/** The flags of the program and of the command, by the names a person writes: `max-age`. */
export function flagsOf(command: Command): Flags {
  return Object.fromEntries(
    Object.entries(command.optsWithGlobals()).map(([name, value]) => [kebab(name), value]),
  );
}

/** Longer lists of words are not part of the flag in help texts, where they would push all descriptions aside. */
const WORDS_IN_FLAG = 20;

/** A flag that takes one of some words, which help and completion show. Its reader validates the value. */
export function wordOption(flag: string, words: readonly string[], description: string): Option {
  const inFlag = words.join('|');
  if (inFlag.length <= WORDS_IN_FLAG) return new Option(`--${flag} <${inFlag}>`, description);
  const option = new Option(`--${flag} <word>`, description);
  option.argChoices = [...words];
  return option;
}

/** `list_vms` or `listVms` as a flag or command: `list-vms`. */
export function kebab(name: string): string {
  return name.replaceAll('_', '-').replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`);
}
