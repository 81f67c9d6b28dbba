import { Argument, type Command } from 'commander';
import { bashScript } from './completion/bash.ts';
import { fishScript } from './completion/fish.ts';
import { outlineOf } from './completion/outline.ts';
import { zshScript } from './completion/zsh.ts';
import { addExamples } from './examples.ts';
import type { Host } from './host.ts';

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript };

/**
 * Adds `completion`. The scripts contain all words, so that Node.js is not started at each Tab, and nothing that was typed is
 * evaluated, as it would be in scripts that ask the program.
 */
export function addCompletionCommand(program: Command, { output, tools }: Host): void {
  const shells = Object.keys(SCRIPTS) as (keyof typeof SCRIPTS)[];
  const command = program
    .command('completion')
    .summary('Print a completion script for a shell.')
    .description('Prints a script that lets the shell complete commands, options and their values.')
    .addArgument(new Argument('<shell>', 'which shell').choices(shells))
    .action((shell: keyof typeof SCRIPTS) => {
      const outline = outlineOf(
        program,
        tools.map(tool => tool.name),
      );
      output.out(SCRIPTS[shell](outline));
    });
  addExamples(
    command,
    'proxmox-mpc completion bash >> ~/.bashrc',
    'proxmox-mpc completion zsh > ~/.zfunc/_proxmox-mpc',
    'proxmox-mpc completion fish > ~/.config/fish/completions/proxmox-mpc.fish',
  );
}
