import { type Command, Option } from 'commander';
import { UsageError } from '../errors.ts';
import { addExamples } from './examples.ts';
import { flagsOf } from './flags.ts';
import type { Host } from './host.ts';
import { refuseOthers, writeReport } from './report-file.ts';

/** Adds `report`: what happened in a span of time, what is wrong and what drifted, as one file to read or send. */
export function addReportCommand(program: Command, host: Host): void {
  const command = program
    .command('report')
    .summary('A page or a ticket: what happened, what is wrong, what drifted.')
    .description(
      'Writes one self-contained page with the timeline of all changes and tasks, findings and drift. It needs no server and ' +
        'loads nothing, so it can be sent. The file is readable only by you, and replaces an earlier report.',
    )
    .option('--since <moment>', 'from this moment on: 7d, "yesterday 18:00", a date', '7d')
    .option('--until <moment>', 'up to this moment', 'now')
    .option('--out <file>', 'where to write (default: standard output)')
    .addOption(new Option('--format <word>', 'what to write').choices(['html', 'markdown']).default('html'))
    .option('--force', 'replace the file whatever it is')
    .action(async (_options, at: Command) => {
      const flags = flagsOf(at);
      const [since, until, out, format] = ['since', 'until', 'out', 'format'].map(
        name => flags[name] as string,
      );
      if (format === 'html' && out === undefined && host.output.width !== null)
        throw new UsageError('A page cannot be shown in a terminal.', {
          hint: 'Name a file: proxmox-mpc report --out report.html, or ask for --format markdown.',
        });
      const force = flags['force'] === true;
      if (out !== undefined) await refuseOthers(out, { force });
      const text = await host.report(flags, {
        since: since!,
        until: until!,
        format: format as 'html' | 'markdown',
      });
      if (out === undefined) host.output.out(text);
      else {
        await writeReport(out, text, { force });
        host.output.note(
          `${out} is written: ${Math.ceil(Buffer.byteLength(text) / 1024)} KB, readable by you alone.\n`,
        );
      }
    });
  addExamples(
    command,
    'proxmox-mpc report --since 7d --out report.html',
    'proxmox-mpc report --since "yesterday 18:00" --format markdown',
  );
}
