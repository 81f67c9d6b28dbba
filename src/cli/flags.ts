import type { Command } from 'commander';
import type { Flags } from './host.ts';

/** The flags of the program and of the command, by the names a person writes: `max-age`. */
export function flagsOf(command: Command): Flags {
  return Object.fromEntries(
    Object.entries(command.optsWithGlobals()).map(([name, value]) => [kebab(name), value]),
  );
}

/** `list_vms` or `listVms` as a flag or command: `list-vms`. */
export function kebab(name: string): string {
  return name.replaceAll('_', '-').replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`);
}
