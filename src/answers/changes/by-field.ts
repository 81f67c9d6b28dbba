import { namePattern } from '../../history/name-pattern.ts';
import type { Step } from '../../model/change.ts';
import { clusterText } from '../format/text.ts';

/** Other names for fields, and names that stand for the same field of several devices. */
const CALLED: ReadonlyMap<string, string> = new Map([
  ['tag', 'tags'],
  ['mem', 'memory'],
  ['ram', 'memory'],
  ['vlan', 'net*.tag'],
  ['nic.tag', 'net*.tag'],
  ['bridge', 'net*.bridge'],
  ['host', 'node'],
  ['snapshot', 'snapshots'],
]);
const NAMED_AT_MOST = 12;

/**
 * A test for paths of a field as people name it: `memory` matches `config.memory` and `pending.memory`, `net0` everything of that
 * card, `net*.tag` the VLAN of any card.
 */
export function fieldTouch(field: string): (path: string) => boolean {
  const asked = field.trim().toLowerCase();
  const name = CALLED.get(asked) ?? asked;
  const places = ['', 'config.', 'pending.'].map(place => `${place}${name}`);
  const forms = places.flatMap(place =>
    name.includes('*')
      ? [namePattern(place), namePattern(`${place}.*`)]
      : [(path: string) => path === place, (path: string) => path.startsWith(`${place}.`)],
  );
  return path => forms.some(fits => fits(path.toLowerCase()));
}

/** Said when the requested field did not change: the paths that did, the most frequent first. */
export function changedText(steps: readonly Pick<Step, 'fields'>[]): string | undefined {
  const paths = steps.flatMap(step =>
    step.fields.map(({ path }) =>
      path.replace(/^(?:config|pending)\./, '').replace(/^(snapshots)\..*/s, '$1'),
    ),
  );
  const often = [...Map.groupBy(paths, path => path)].sort(([, a], [, b]) => b.length - a.length);
  if (often.length === 0) return undefined;
  const named = often.slice(0, NAMED_AT_MOST).map(([path]) => clusterText(path, 60));
  return `What changed then: ${named.join(', ')}${often.length > named.length ? ' and others' : ''}.`;
}
