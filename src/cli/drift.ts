import type { Command } from 'commander';
import { addExamples } from './examples.ts';
import { EXIT, type Outcome } from './exit.ts';
import { flagsOf } from './flags.ts';
import type { Host } from './host.ts';
import { about, answer } from './render/answer.ts';
import { asCommands } from './render/commands.ts';
import { errorText, structuredOf } from './result.ts';

/** The states that count as a difference for scripts: what is accepted, pending or out of sight does not. */
const DIFFERENCES = ['drifted', 'missing', 'conflict'];

/** Exit code: something differs from the declaration. */
const DIFFERS = 2;

/** Adds `drift`: what differs from the declaration, with an exit code for scripts. */
export function addDriftCommand(program: Command, host: Host, outcome: Outcome): void {
  const command = program
    .command('drift')
    .summary('What differs from the declaration.')
    .description(
      'Compares the cluster with the declaration. Exits with 0 if nothing differs, 2 if something does, 1 if that cannot be determined. ' +
        'Values that are accepted, wait for a restart or cannot be seen are shown, but do not count as differences.',
    )
    .argument('[resource]', 'only this resource: vm/101, a name')
    .option('--max-age-seconds <number>', 'how old the data may be; 0 reads it again')
    .option('--json', 'print the answer as JSON')
    .action(async (resource: string | undefined, _options, at: Command) => {
      const flags = flagsOf(at);
      const session = await host.session(flags);
      try {
        const asked = { resource, max_age_seconds: flags['max-age-seconds'] };
        outcome.exitCode = await show(asked, flags['json'] === true, session, host);
      } finally {
        await session.close();
      }
    });
  addExamples(command, 'proxmox-mpc drift', 'proxmox-mpc drift web01 --json');
}

async function show(
  asked: { [argument: string]: unknown },
  json: boolean,
  session: Awaited<ReturnType<Host['session']>>,
  { output, tools }: Host,
): Promise<number> {
  const given = Object.entries(asked).filter(([, value]) => value !== undefined);
  const input = { from: 'declared', ...Object.fromEntries(given) };
  const result = await session.runner.run('diff_state', input);
  const facts = structuredOf(result) as { counts?: { [state: string]: number } };
  if (json) output.out(`${JSON.stringify(facts, null, output.width === null ? 0 : 2)}\n`);
  else if (result.isError) output.note(`${asCommands(errorText(result), tools)}\n`);
  else {
    const { next_from: _, history_starts_at: __, ...shown } = facts as { [name: string]: unknown };
    output.out(answer(shown, output.width));
    output.note(asCommands(about(facts as { [name: string]: unknown }), tools));
  }
  if (result.isError) return EXIT.failed;
  return DIFFERENCES.some(state => (facts.counts?.[state] ?? 0) > 0) ? DIFFERS : EXIT.ok;
}
