import type { Command } from 'commander';
import { UsageError } from '../errors.ts';
import type { Host } from './host.ts';

/** Asks before something that cannot be undone, unless `--yes` was given. @throws UsageError if nobody agrees. */
export async function agree(host: Host, command: Command, question: string): Promise<void> {
  if (command.opts()['yes'] === true || (await host.confirm(question))) return;
  throw new UsageError('Nothing was done: nobody confirmed it.', {
    hint: 'Add --yes to do it without being asked.',
  });
}
