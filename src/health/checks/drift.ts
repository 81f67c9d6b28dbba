import type { Check } from '../check.ts';

/** What somebody declared is no longer so. */
export const drift: Check = {
  name: 'drift',
  severity: 'warning',
  reason: 'A field differs from what was declared for it, and no exception covers that.',
  evidence: 'The field, its declared and its actual value, and the rule.',
  next: 'plan_changes takes it back; declare_state with accept keeps it',
  *find(facts) {
    for (const [resource, fields] of Map.groupBy(facts.drift, one => one.resource))
      yield {
        resource,
        what: `not as declared: ${fields.map(one => one.path).join(', ')}`,
        evidence: {
          fields: fields.map(
            one => `${one.path}: ${String(one.declared)} declared, ${String(one.actual)} found`,
          ),
          rules: [...new Set(fields.map(one => one.rule))],
        },
      };
  },
};
