import type { OptionDefinition } from './option.ts';
import { PROGRAM_OPTIONS } from './options/program.ts';
import { PROXMOX_OPTIONS } from './options/proxmox.ts';
import { STORE_OPTIONS } from './options/store.ts';
import { WRITING_OPTIONS } from './options/writing.ts';

/** Every option of the program, for parsing, `--help` and docs/configuration.md. */
export const OPTIONS = { ...PROXMOX_OPTIONS, ...WRITING_OPTIONS, ...STORE_OPTIONS, ...PROGRAM_OPTIONS };

/** The same as a list, in the order of docs/configuration.md. */
export const OPTION_LIST: readonly OptionDefinition[] = Object.values(OPTIONS);
/** The options by their names in the program. */
export type Options = typeof OPTIONS;
/** The values of the options that are set. */
export type OptionValues = {
  [Name in keyof Options]?: Options[Name] extends OptionDefinition<infer Value> ? Value : never;
};

/** The file with the lowest precedence, after flags and environment. It has no variable, since variables come from it. */
export const ENV_FILE = {
  flag: 'env-file',
  placeholder: 'file',
  help: 'File with further variables, one NAME=value a line; flags and the environment come first.',
  example: '/etc/proxmox-mpc/env',
} as const;
