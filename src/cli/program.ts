import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { describeError, MpcError, UsageError } from '../errors.ts';
import { visibleText } from '../text/clean.ts';
import { maskText } from '../text/mask.ts';
import { APPLY_TOOL, addApplyCommand } from './apply.ts';
import { addApproveCommand } from './approve.ts';
import { argumentsOrDefault, commandNamed } from './arguments.ts';
import { addCallCommand } from './call.ts';
import { addCompletionCommand } from './completion.ts';
import { addDatabaseCommand } from './database.ts';
import { addDriftCommand } from './drift.ts';
import { addExamples } from './examples.ts';
import { EXIT, type Outcome, refusalCode } from './exit.ts';
import { flagsOf, wordOption } from './flags.ts';
import type { Host } from './host.ts';
import { addInitCommand } from './init.ts';
import { emphasis } from './render/style.ts';
import { addReportCommand } from './report.ts';
import { addTestConnectionCommand } from './test-connection.ts';
import { addToolCommand } from './tool-command.ts';

/** Runs one command line. Resolves to the exit code (`EXIT`). */
export async function runProgram(argv: readonly string[], host: Host): Promise<number> {
  // A host waits for the server: do not build the options of a dozen other commands.
  const serves = argv.length === 0 || argv[0] === 'serve';
  const program = createProgram(serves ? { ...host, tools: [] } : host, argv);
  const refused = () => refusalCode(commandNamed(argv, program));
  try {
    host.refuseSecrets(argv);
    const { exitCode } = await parse(program, argumentsOrDefault(argv, program));
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : refused();
    host.output.note(describeFailure(error));
    return error instanceof UsageError ? refused() : EXIT.failed;
  }
}

async function parse(program: Command & { outcome: Outcome }, argv: string[]): Promise<Outcome> {
  await program.parseAsync(argv, { from: 'user' });
  return program.outcome;
}

/** The whole program: `serve`, `watch`, maintenance, and a command for every tool. */
function createProgram(host: Host, argv: readonly string[]): Command & { outcome: Outcome } {
  const outcome: Outcome = { exitCode: EXIT.ok };
  const program = new Command('proxmox-mpc')
    .description('What a Proxmox VE cluster looks like, what changed, when, and who did it.')
    .version(host.version, '-V, --version')
    .option('--demo', 'use a simulated cluster with a store of its own; needs no Proxmox')
    .showHelpAfterError('Add --help to see what is possible.')
    .exitOverride()
    .configureOutput({ writeOut: host.output.out, writeErr: text => host.output.note(refusalText(text)) })
    .configureHelp({ helpWidth: host.output.width ?? 100, showGlobalOptions: true, minWidthToWrap: 20 });
  for (const { flag, placeholder, help } of host.flags) {
    if (placeholder.includes('|')) program.addOption(wordOption(flag, placeholder.split('|'), help));
    else program.option(`--${flag} <${placeholder}>`, help);
  }

  program.commandsGroup('The server');
  const serve = program
    .command('serve')
    .description('Serve MCP on stdin and stdout. Runs if no command is named.')
    .addOption(new Option('--poll <seconds>', 'keep discovering meanwhile').argParser(seconds))
    .option('--demo-unless-configured', 'serve the simulated cluster while PROXMOX_URL is not set')
    .action((options, command) =>
      host.serve(flagsOf(command), {
        poll: options.poll,
        demoUnlessConfigured: options.demoUnlessConfigured === true,
      }),
    );
  addExamples(serve, 'proxmox-mpc serve --poll 60', 'proxmox-mpc serve --demo');
  const watch = program
    .command('watch')
    .description('Keep discovering and recording, as a service: history holds only what was seen.')
    .addOption(
      new Option('--every <seconds>', 'from one discovery to the next').argParser(seconds).default(60),
    )
    .action((options, command) => host.watch(flagsOf(command), { every: options.every }));
  addExamples(watch, 'proxmox-mpc watch --every 60');

  program.commandsGroup('Questions, each a tool of the server');
  for (const tool of host.tools)
    if (tool.name !== APPLY_TOOL) addToolCommand(program, tool, host, { outcome, argv });
  addDriftCommand(program, host, outcome);
  addReportCommand(program, host);
  addApproveCommand(program, host, outcome);
  addApplyCommand(program, host, outcome);
  addCallCommand(program, host, outcome);

  program.commandsGroup('Setting up and maintenance');
  addInitCommand(program, host, outcome);
  addTestConnectionCommand(program, host, outcome);
  addDatabaseCommand(program, host);
  for (const [path, ...lines] of DATABASE_EXAMPLES) addExamples(commandAt(program, path), ...lines);
  addCompletionCommand(program, host);
  program.addHelpText('after', EPILOGUE);
  return Object.assign(program, { outcome });
}

const EPILOGUE = `
Options are environment variables too: PROXMOX_URL, PROXMOX_TOKEN and others. All of them:
https://github.com/josephrichard7/proxmox-mpc/blob/main/docs/configuration.md

Examples:
  proxmox-mpc list-vms --demo
  proxmox-mpc diff-state --from "yesterday 18:00"
  proxmox-mpc show-history vm/101 --json
  PROXMOX_URL=https://pve1:8006 PROXMOX_TOKEN_ID='mpc@pve!mpc' PROXMOX_TOKEN_SECRET_FILE=secret \\
    proxmox-mpc test-connection`;

const DATABASE_EXAMPLES: [path: string, ...lines: string[]][] = [
  [
    'db',
    'proxmox-mpc db status',
    'proxmox-mpc db backup ~/store-backup.db',
    'proxmox-mpc db prune --days 365',
  ],
  ['db status', 'proxmox-mpc db status --json'],
  ['db migrate', 'proxmox-mpc db migrate'],
  ['db rollback', 'proxmox-mpc db rollback --yes'],
  ['db backup', 'proxmox-mpc db backup ~/store-backup.db'],
  ['db restore', 'proxmox-mpc db restore ~/store-backup.db'],
  ['db seed', 'proxmox-mpc db seed --database-url file:/tmp/seeded.db'],
  ['db reset', 'proxmox-mpc db reset'],
  ['db prune', 'proxmox-mpc db prune --days 365 --yes'],
];

function commandAt(program: Command, path: string): Command {
  return path.split(' ').reduce((at, name) => at.commands.find(one => one.name() === name)!, program);
}

function seconds(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 5 && value <= 86_400) return value;
  throw new InvalidArgumentError('It must be a whole number of seconds from 5 to 86400.');
}

/** Commander's refusal without the value of an unknown option, which may be a misspelt one for a secret. */
function refusalText(text: string): string {
  return maskText(text.replace(/^(error: unknown option '[^'=\n]*)=.*'/m, "$1'"));
}

/** Longest error message (characters), whatever a cluster or a store put into it. */
const ERROR_AT_MOST = 2_000;

/** What went wrong and what to do, for a person. Errors may quote anything: they are shown as one line, without secrets. */
export function describeFailure(error: unknown): string {
  // Our own text may have several lines, and examples that look like secrets.
  const message =
    error instanceof UsageError
      ? visibleText(error.message)
      : describeError(error).slice(0, ERROR_AT_MOST).toWellFormed();
  const hint =
    error instanceof MpcError && error.hint ? `${emphasis('Next:')} ${visibleText(error.hint)}\n` : '';
  return `${message}\n${hint}`;
}
