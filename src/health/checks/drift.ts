import type { Check } from '../check.ts';
import type { Drift } from '../facts.ts';

/** Something is no longer as declared. */
export const drift: Check = {
  name: 'drift',
  severity: 'warning',
  reason: 'A field differs from what was declared for it, and no exception covers that.',
  evidence: 'The field, its declared and its actual value, and the rule.',
  next: 'diff_state from declared says who; plan_changes takes it back; declare_state with accept keeps it',
  reads: 'guests',
  *find(facts) {
    for (const [resource, found] of Map.groupBy(facts.drift, one => one.resource)) {
      const paths = found.flatMap(({ path }) => path ?? []);
      const [only] = paths;
      yield {
        resource,
        what: only === undefined ? 'declared, and not there' : `not as declared: ${paths.join(', ')}`,
        evidence: {
          ...(paths.length > 0 && { fields: found.map(fieldText) }),
          rules: [...new Set(found.flatMap(({ rule, against = [] }) => [rule, ...[against].flat()]))],
        },
        ...(paths.length === 1 && { since: { field: only! } }),
        ...(only === undefined && { next: 'restore it, or remove its rule with declare_state' }),
      };
    }
  },
};

function fieldText({ path, declared, actual, rule, against }: Drift): string {
  const found = `${text(actual)} found`;
  return against === undefined
    ? `${path}: ${text(declared)} declared, ${found}`
    : `${path}: rules ${rule} and ${against} contradict one another, ${found}`;
}

function text(value: unknown): string {
  return value === null || value === undefined ? 'nothing' : String(value);
}
