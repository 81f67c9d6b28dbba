import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { StoreOptions } from '../database/index.ts';
import type { Pruned } from '../database/maintenance/index.ts';
import { describeTarget, parseTarget } from '../database/options.ts';
import { UsageError } from '../errors.ts';
import { exposuresOf } from '../private-file.ts';
import { runAdopt } from './adopt.ts';
import { agree } from './agree.ts';
import { flagsOf } from './flags.ts';
import type { Host } from './host.ts';
import { answer } from './render/answer.ts';
import { jsonLine } from './render/json.ts';
import { storeStatusRow } from './store-status.ts';

const DAY_MS = 86_400_000;

/** Adds `db`: maintenance of a store. Commands that destroy data ask first, or take `--yes`. */
// biome-ignore lint/complexity/noExcessiveLinesPerFunction: a list of commands, a few lines each
export function addDatabaseCommand(program: Command, host: Host): void {
  const { output } = host;
  const db = program
    .command('db')
    .summary('Maintain the store.')
    .description('Maintains the store named by DATABASE_URL.');
  const maintenance = () => import('../database/maintenance/index.ts');
  const store = (command: Command) => host.store(flagsOf(command));

  db.command('status')
    .description('Where the store is, its size, its schema, rows and last discovery. Changes nothing.')
    .option('--json', 'print it as JSON')
    .action(async ({ json }: { json?: boolean }, command: Command) => {
      const { options, timeZone, secretFiles = [] } = await store(command);
      const found = await (await maintenance()).storeStatus(options);
      const status = { ...found, exposed: [...found.exposed, ...(await exposuresOf(secretFiles))] };
      output.out(json ? jsonLine(status) : answer(await storeStatusRow(status, timeZone), output.width));
    });

  db.command('migrate')
    .description('Bring the store to the schema of this version.')
    .action(async (_options, command: Command) => {
      const applied = await (await maintenance()).migrateStore((await store(command)).options);
      output.out(applied.length === 0 ? 'The store is up to date.\n' : `Applied ${applied.join(', ')}.\n`);
    });

  confirmed(
    db.command('rollback'),
    'Undo the newest migration, before an older version of the program is installed.',
  ).action(async (_options, command: Command) => {
    const { options } = await store(command);
    await (await maintenance()).storeStatus(options);
    await agree(host, command, `Undo the newest migration of ${shown(options)}?`);
    const { migration, backup, left } = await (await maintenance()).rollbackStore(options);
    const empty = left === 0 ? ' It was the first one: the store holds nothing now.' : '';
    output.out(`Undid ${migration}.${empty}${kept(backup)}\n`);
  });

  confirmed(
    db.command('adopt'),
    'Accept a renewed root certificate, or the new name of a standalone node, as that of the same cluster.',
  )
    .option('--json', 'print it as JSON')
    .action(async (_options, command: Command) => {
      const { options } = await store(command);
      // Opening would create a store if there is none.
      await (await maintenance()).storeStatus(options);
      const adoption = await host.adoption(flagsOf(command));
      try {
        await runAdopt(host, command, adoption);
      } finally {
        await adoption.close();
      }
    });

  db.command('backup')
    .description('Copy the store to a new file; it may be in use meanwhile.')
    .argument('<file>', 'a file that does not exist yet')
    .action(async (file: string, _options, command: Command) => {
      await (await maintenance()).backupStore((await store(command)).options, file);
      output.out(`Wrote ${file}.\n`);
    });

  confirmed(db.command('restore'), 'Replace the store by a backup, which is verified first.')
    .argument('<file>', 'what `db backup` wrote')
    .action(async (file: string, _options, command: Command) => {
      const { options } = await store(command);
      await assertThere(file);
      await agree(host, command, `Replace ${shown(options)} by ${file}?`);
      output.out(`Restored ${file}.${kept(await (await maintenance()).restoreStore(options, file))}\n`);
    });

  db.command('seed')
    .description('Fill an empty store with a month of a simulated cluster, for development.')
    .action((_options, command: Command) => host.seed(flagsOf(command)));

  confirmed(db.command('reset'), 'Empty the store.').action(async (_options, command: Command) => {
    const { options } = await store(command);
    await agree(host, command, `Throw away all history in ${shown(options)}?`);
    output.out(`The store is empty.${kept(await (await maintenance()).resetStore(options))}\n`);
  });

  confirmed(
    db.command('prune'),
    'Drop old history. The last state before the cut is kept, so every kept moment remains exact.',
  )
    .option('--days <number>', 'days to keep (default: PROXMOX_MPC_HISTORY_DAYS)')
    .action(async ({ days }: { days?: string }, command: Command) => {
      const { options, historyDays } = await store(command);
      const keep = daysToKeep(days, historyDays);
      // Opening would create a store if there is none.
      await (await maintenance()).storeStatus(options);
      await agree(host, command, `Drop everything older than ${keep} days from ${shown(options)}?`);
      const { openStore } = await import('../database/index.ts');
      const opened = await openStore(options);
      try {
        const pruned = await (await maintenance()).pruneStore(opened, Date.now() - keep * DAY_MS);
        output.out(`${prunedText(pruned, keep)}\n`);
      } finally {
        await opened.close();
      }
    });
}

function confirmed(command: Command, description: string): Command {
  return command.description(description).option('-y, --yes', 'do it without asking');
}

/** Checked before asking for confirmation. @throws MissingError */
async function assertThere(file: string): Promise<void> {
  if (existsSync(file)) return;
  const { MissingError } = await import('../database/errors.ts');
  throw new MissingError(`There is no file ${resolve(file)}.`, {
    hint: 'Name a backup that exists: what `proxmox-mpc db backup` wrote.',
  });
}

function daysToKeep(given: string | undefined, configured: number): number {
  const days = given === undefined ? configured : Number(given);
  if (Number.isInteger(days) && days > 0) return days;
  throw new UsageError(
    given === undefined
      ? 'Nothing says how many days to keep.'
      : `--days "${given}" is not a number of days.`,
    {
      hint: 'Example: proxmox-mpc db prune --days 365',
    },
  );
}

function prunedText({ versions, tasks, logLines, commits, runs, plans }: Pruned, days: number): string {
  if (versions + tasks + logLines + commits + runs + plans === 0)
    return `Nothing is older than ${days} days.`;
  return `Dropped what is older than ${days} days: ${versions} versions, ${tasks} tasks, ${logLines} log lines, ${runs} discoveries, ${plans} plans nobody used. The state at each kept moment is unchanged.`;
}

/** A store's address without user and password. */
function shown(options: StoreOptions): string {
  return describeTarget(parseTarget(options));
}

function kept(backup: string | null): string {
  return backup === null ? '' : ` The store as it was is kept in ${backup}.`;
}
