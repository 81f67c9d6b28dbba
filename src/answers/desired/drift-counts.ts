import { countFindings } from '../../desired/comparison.ts';
import type { Drift } from '../../health/facts.ts';
import type { Row } from '../../mcp/define/output.ts';
import type { ToolContext } from '../../mcp/define/tool.ts';
import { compareWith } from './compare.ts';
import { declarationInForce } from './in-force.ts';

/** How the cluster stands to what is declared, in numbers; nothing where nothing is declared. */
export async function driftCounts(context: ToolContext): Promise<{ drift?: Row }> {
  const { revision, declaration } = await declarationInForce(context);
  if (revision === null || declaration.rules.length === 0) return {};
  const findings = await compareWith(declaration, context);
  return { drift: { revision: revision.number, resources: findings.covered, ...countFindings(findings) } };
}

/** Fields that are not as declared and not accepted, for checks. */
export async function driftFacts({ store, now }: Pick<ToolContext, 'store' | 'now'>): Promise<Drift[]> {
  const revision = await store.declaration();
  if (revision === null) return [];
  const { drifted } = await compareWith(revision.content, { store, now });
  return drifted.flatMap(({ subject, fields }) =>
    fields
      .filter(field => field.state === 'drifted')
      .map(({ path, declared, actual, rules }) => ({
        resource: subject.resource,
        path: path.replace(/[+-]$/, ''),
        declared,
        actual,
        rule: rules[0]!,
      })),
  );
}
