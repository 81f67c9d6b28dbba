import { type Command, Option } from 'commander';
import { addExamples } from './examples.ts';
import type { Outcome } from './exit.ts';
import { flagsOf } from './flags.ts';
import type { Host } from './host.ts';
import { CLIENTS } from './init/clients.ts';

/** Adds `init`: from an address and a token to a client that starts the server. */
export function addInitCommand(program: Command, host: Host, outcome: Outcome): void {
  const command = program
    .command('init')
    .summary('Set up: test the token, write a client’s configuration.')
    .description(
      'Asks at a terminal for address and token, unless options or environment name them. Shows an untrusted certificate before ' +
        'anything is sent, tests the token, says which of three levels it has and how to make one for each, and on request ' +
        'writes the configuration of a client without changing anything else in it. The secret is kept in a file that only you ' +
        'can read, never in the client’s configuration. With --write, does the same for a second token, which carries out what a ' +
        'person approved: the commands make a role with only the privileges for the kinds named.',
    )
    .addOption(
      new Option('--client <name>', 'write the configuration of this client').choices(Object.keys(CLIENTS)),
    )
    .option(
      '--write [kinds]',
      'allow plans to be carried out, with a second token: tags,notes,options, or the kinds named',
    )
    .option('--config-file <path>', 'write to this file instead of the client’s own for all projects')
    .option('--name <name>', 'name of the server in the client', 'proxmox')
    .option('-y, --yes', 'replace another server with that name without asking')
    .action(async () => {
      const { runInit } = await import('./init/run.ts');
      outcome.exitCode = await runInit(flagsOf(command), host);
    });
  addExamples(
    command,
    'proxmox-mpc init',
    'proxmox-mpc init --url https://pve1:8006 --client claude-desktop',
    'proxmox-mpc init --write tags,notes,memory',
    'proxmox-mpc init --cluster lab --url https://lab:8006',
    "PROXMOX_URL=https://pve1:8006 PROXMOX_TOKEN_ID='mcp@pve!mpc' PROXMOX_TOKEN_SECRET_FILE=secret \\",
    '  proxmox-mpc init --client vscode --config-file .vscode/mcp.json',
  );
}
