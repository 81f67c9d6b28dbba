import { REPORT_NEEDS, reportFacts } from '../answers/report/facts.ts';
import type { ReportRequest } from '../cli/host.ts';
import { asCommands } from '../cli/render/commands.ts';
import { provenanceOf, withoutNulls } from '../mcp/runner/results.ts';
import type { ReportFacts } from '../pages/facts.ts';
import { withFacts } from '../pages/html.ts';
import { reportMarkdown } from '../pages/markdown.ts';
import { readPage } from './pages.ts';
import type { Runtime } from './runtime.ts';

/** A report as one text. Texts of the cluster are cleaned, bounded and masked as in answers. */
export async function report(
  runtime: Runtime,
  { since, until, format }: ReportRequest,
  { packageRoot, version }: { packageRoot: string; version: string },
): Promise<string> {
  const context = await runtime.runner.context(REPORT_NEEDS);
  const gathered = await reportFacts({ since, until }, context);
  const provenance = provenanceOf(context.freshness, runtime.config.timeZone, false);
  const facts = withoutNulls({ ...gathered, ...provenance, version }) as ReportFacts;
  for (const finding of facts.findings.rows)
    if (finding.next !== undefined) finding.next = asCommands(finding.next, runtime.runner.tools);
  if (format === 'markdown') return reportMarkdown(facts);
  return withFacts(await readPage(packageRoot, 'report'), facts);
}
