import type { Command } from 'commander';
import { UsageError } from '../errors.ts';
import { addExamples } from './examples.ts';
import { EXIT, type Outcome } from './exit.ts';
import { flagsOf } from './flags.ts';
import type { Host } from './host.ts';
import { personAt } from './person.ts';

/** Adds `approve`: a person reads the steps of a plan and types its id. */
export function addApproveCommand(program: Command, host: Host, outcome: Outcome): void {
  const command = program
    .command('approve')
    .summary('Approve a plan, at a terminal.')
    .description(
      'Shows every step of a plan and asks for its id to be typed within a minute. Then apply_plan carries it out, once, until the ' +
        'plan expires. Needs a terminal, since a person decides. Exits with 0 if the plan is approved, 3 if it is not.',
    )
    .argument('<plan>', 'its id, such as p-7f3k9')
    .action(async (id: string, _options, at: Command) => {
      outcome.exitCode = await approve(id, at, host);
    });
  addExamples(command, 'proxmox-mpc approve p-7f3k9');
}

async function approve(id: string, command: Command, host: Host): Promise<number> {
  const { output } = host;
  const person = personAt(host.terminal, output);
  if (person === undefined)
    throw new UsageError('A plan is approved by a person at a terminal, and this is none.', {
      hint: 'Run it in a terminal of your own, with neither input nor messages redirected.',
    });
  const approving = await host.approving(flagsOf(command));
  try {
    const plan = await approving.plan(id);
    if (plan.closed !== null) {
      output.note(`Plan ${plan.id} cannot be approved: ${plan.closed}.\n`);
      return EXIT.refused;
    }
    const answer = await person.ask({ plan: plan.id, text: plan.text });
    if (answer !== 'silence') await approving.decide(plan.id, answer === 'yes');
    output.note(`${SAID[answer]}\n`);
    return answer === 'yes' ? EXIT.ok : EXIT.refused;
  } finally {
    await approving.close();
  }
}

const SAID = {
  yes: 'Approved. apply_plan, or proxmox-mpc apply, carries it out.',
  no: 'Refused: that was not the id of the plan. Nothing is changed.',
  silence: 'Not approved: nobody answered within a minute.',
} as const;
