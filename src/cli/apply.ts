import type { Command } from 'commander';
import { UsageError } from '../errors.ts';
import { RefusedError } from '../mcp/define/refused.ts';
import { addExamples } from './examples.ts';
import { EXIT, type Outcome } from './exit.ts';
import { flagsOf } from './flags.ts';
import type { Host } from './host.ts';
import { personAt } from './person.ts';
import { about, answer } from './render/answer.ts';
import { asCommands } from './render/commands.ts';
import { progressBar } from './render/progress.ts';
import { errorText, structuredOf } from './result.ts';

/** The tool behind this command. */
export const APPLY_TOOL = 'apply_plan';

/** Adds `apply`: carries out a plan, and shows the result of each step as a table. */
export function addApplyCommand(program: Command, host: Host, outcome: Outcome): void {
  const command = program
    .command('apply')
    .alias('apply-plan')
    .summary('Carry out a plan that a person has approved.')
    .description(
      'Carries out a plan. One that nobody has approved yet is shown here, to be approved by typing its id; without a terminal it is ' +
        'refused. Exits with 0 if all is done, 1 if something failed or is unknown, 3 if it was refused and nothing was sent.',
    )
    .argument('<plan>', 'its id, such as p-7f3k9')
    .option('--why <text>', 'who wants it and why; kept in history')
    .option('--json', 'print the answer as JSON')
    .action(async (plan: string, _options, at: Command) => {
      outcome.exitCode = await apply(plan, at, host);
    });
  addExamples(command, 'proxmox-mpc apply p-7f3k9', 'proxmox-mpc apply p-7f3k9 --why "ticket 4711"');
}

async function apply(plan: string, command: Command, host: Host): Promise<number> {
  const flags = flagsOf(command);
  const { output, terminal, tools } = host;
  const json = flags['json'] === true;
  const session = await host.session(flags);
  const bar = progressBar({ live: json ? null : output.live });
  const person = personAt(terminal, output);
  let failure: unknown;
  try {
    const input = { plan, ...(typeof flags['why'] === 'string' && { why: flags['why'] }) };
    const result = await session.runner.run(APPLY_TOOL, input, {
      client: 'proxmox-mpc apply',
      progress: bar.show,
      failed: error => {
        failure = error;
      },
      ...(person && { person }),
    });
    bar.clear();
    const facts = result.structuredContent ?? structuredOf(result);
    if (json) output.out(`${JSON.stringify(facts, null, output.width === null ? 0 : 2)}\n`);
    else if (result.isError) output.note(`${asCommands(errorText(result), tools)}\n`);
    else {
      const { untrusted: _, ...shown } = facts;
      output.out(answer(shown, output.width));
      output.note(asCommands(about(shown), tools));
    }
    return result.isError ? codeOf(failure) : facts['outcome'] === 'done' ? EXIT.ok : EXIT.failed;
  } finally {
    bar.clear();
    await session.close();
  }
}

function codeOf(failure: unknown): number {
  if (failure instanceof RefusedError) return EXIT.refused;
  return failure instanceof UsageError ? EXIT.usage : EXIT.failed;
}
