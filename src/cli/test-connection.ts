import type { Command } from 'commander';
import type { ConnectionReport } from './connection-report.ts';
import { addExamples } from './examples.ts';
import { EXIT, type Outcome } from './exit.ts';
import { flagsOf } from './flags.ts';
import type { Host } from './host.ts';
import { jsonLine } from './render/json.ts';
import { bold, dim, MARKS } from './render/style.ts';

/** Adds `test-connection`: tries every address and says what is there, what the token may see, and what to do. */
export function addTestConnectionCommand(program: Command, host: Host, outcome: Outcome): void {
  const command = program
    .command('test-connection')
    .summary('Check address, certificate, token and rights.')
    .description(
      'Tries every address and shows its version and certificate, the user and what it may and may not see, and the next step ' +
        'for each failure. Exits with 1 if no address can be used.',
    )
    .option('-v, --verbose', 'name certificates and every privilege')
    .option('--json', 'print the report as JSON')
    .action(async (options: { verbose?: boolean; json?: boolean }, called: Command) => {
      const { reportConnection } = await import('./connection-report.ts');
      const { clients, close } = await host.clients(flagsOf(called));
      try {
        const reports: ConnectionReport[] = [];
        for (const { url, client, writes } of clients)
          reports.push(await reportConnection(url, client, writes));
        const { output } = host;
        if (options.json) output.out(jsonLine(reports, output.width === null ? 0 : 2));
        else for (const report of reports) output.out(reportText(report, options.verbose === true));
        outcome.exitCode = reports.some(report => report.usable) ? EXIT.ok : EXIT.failed;
      } finally {
        await close();
      }
    });
  addExamples(
    command,
    'proxmox-mpc test-connection -v',
    'proxmox-mpc test-connection --url https://pve2:8006',
  );
}

/** The findings at one address, one per line. */
export function reportText(
  { url, findings, details }: Pick<ConnectionReport, 'url' | 'findings' | 'details'>,
  verbose: boolean,
): string {
  const lines = findings.flatMap(({ level, text, next }) => [
    `  ${MARKS[level]} ${text}`,
    ...(next === undefined ? [] : [`    ${bold('Next:')} ${next}`]),
  ]);
  const more = verbose ? details.map(([name, value]) => dim(`    ${name}: ${value}`)) : [];
  return `${[bold(url), ...lines, ...more].join('\n')}\n`;
}
