import { countFindings, type FieldFinding } from '../../desired/comparison.ts';
import type { AcceptedDrift, Drift } from '../../health/facts.ts';
import type { Row } from '../../mcp/define/output.ts';
import type { ToolContext } from '../../mcp/define/tool.ts';
import { clusterNow } from '../cluster-clock.ts';
import { stateValue } from '../format/text.ts';
import { compareWith } from './compare.ts';
import { declarationInForce } from './in-force.ts';

/** How many resources are as declared, in numbers; nothing if nothing is declared. */
export async function driftCounts(context: ToolContext): Promise<{ drift?: Row }> {
  const { revision, declaration } = await declarationInForce(context);
  if (revision === null || declaration.rules.length === 0) return {};
  const findings = await compareWith(declaration, { store: context.store, now: await clusterNow(context) });
  return { drift: { revision: revision.number, resources: findings.covered, ...countFindings(findings) } };
}

/** What is not as declared, and which of that somebody accepted, for the checks. */
export async function driftFacts(
  context: Pick<ToolContext, 'store' | 'now' | 'timeZone' | 'declaring'>,
): Promise<{ drift: Drift[]; accepted: AcceptedDrift[] }> {
  const { declaration } = await declarationInForce(context);
  const { drifted, missing } = await compareWith(declaration, {
    store: context.store,
    now: await clusterNow(context),
  });
  const all = drifted.flatMap(({ subject, fields }) =>
    fields.map(field => ({ resource: subject.resource, field })),
  );
  return {
    drift: [
      ...all
        .filter(({ field }) => field.state === 'drifted' || field.state === 'conflict')
        .map(({ resource, field }) => driftOf(resource, field)),
      ...missing.map(({ resource, rule }) => ({ resource, path: null, declared: null, actual: null, rule })),
    ],
    accepted: all.flatMap(({ resource, field: { path, state, exception } }) =>
      state === 'accepted' ? [{ resource, path: path.replace(/[+-]$/, ''), ...exceptionOf(exception!) }] : [],
    ),
  };
}

function driftOf(resource: string, { path: claimed, declared, actual, rules }: FieldFinding): Drift {
  const path = claimed.replace(/[+-]$/, '');
  const sign = claimed.slice(path.length);
  const [rule = '', against] = rules;
  const wanted =
    sign === '' ? stateValue(path, declared) : (declared as string[]).map(one => `${sign}${one}`).join(' ');
  const value = stateValue(path, actual);
  return { resource, path, declared: wanted, actual: value, rule, ...(against !== undefined && { against }) };
}

function exceptionOf({ owner, until, why }: Pick<AcceptedDrift, 'owner' | 'until' | 'why'>) {
  return { owner, until, why };
}
