import fc from 'fast-check';
import { expect, test } from 'vitest';
import { withoutHidden } from '../../../src/mcp/runner/hidden.ts';
import type { Freshness } from '../../../src/model/freshness.ts';
import type { HiddenPart, Unseen, UnseenPart } from '../../../src/model/unseen.ts';
import { unseenText } from '../../../src/model/unseen-text.ts';

const freshness = (unseen: Unseen[]): Freshness => ({ asOf: {}, source: 'live', stale: null, unseen });
const key = fc
  .tuple(fc.constantFrom('vm', 'node', 'storage'), fc.constantFrom('a', 'b', 'c'))
  .map(p => p.join('/'));
const name = fc.constantFrom('a', 'b', 'c');
const part: fc.Arbitrary<UnseenPart> = fc.oneof(
  key.map(resource => ({ code: 'resource' as const, resource })),
  key.map(resource => ({ code: 'usage' as const, resource })),
  key.map(resource => ({ code: 'config' as const, resource })),
  name.map(node => ({ code: 'tasks' as const, node })),
  name.map(node => ({ code: 'storage-views' as const, node })),
  fc
    .tuple(name, name)
    .map(([storage, node]) => ({ code: 'backups-on' as const, source: `${storage}@${node}` })),
  key.map(text => ({ code: 'other' as const, text })),
  fc.constant({ code: 'quorum' as const }),
);
const sum = fc
  .uniqueArray(key, { minLength: 2 })
  .chain(resources =>
    fc
      .constantFrom<UnseenPart>(
        { code: 'guests', count: resources.length, node: 'a' },
        { code: 'storages', count: resources.length },
        { code: 'config', count: resources.length },
      )
      .map(what => ({ what, resources })),
  );
const unseen = fc
  .oneof(
    part.map(what => ({ what })),
    sum,
  )
  .map((one): Unseen => ({ since: null, reason: { code: 'no-quorum' }, ...one }));

// Kills: "what an answer could not see names and counts what the asker may not".
test('nothing is named or counted that is kept from the asker, and that something is kept is said once', () => {
  fc.assert(
    fc.property(fc.array(unseen), fc.uniqueArray(key), (given, kept) => {
      const hides = (one: string) => kept.includes(one);
      const parts = ['guests', 'log'] as const;
      const shown = withoutHidden(freshness(given), { parts, hides }).unseen;
      expect(shown.at(-1)!.what).toEqual({ code: 'hidden', parts });
      expect(shown.filter(({ what }) => what.code === 'hidden')).toHaveLength(1);
      for (const { what, resources } of shown) {
        const told = [unseenText(what).replace(/^.* of /, ''), ...(resources ?? [])];
        expect(told.filter(hides)).toEqual([]);
        if ('node' in what && what.code !== 'guests') expect(hides(`node/${what.node}`)).toBe(false);
        if ('source' in what)
          expect(
            what.source.split('@').some((id, at) => hides(at === 0 ? `storage/${id}` : `node/${id}`)),
          ).toBe(false);
        if ('count' in what) expect(what.count).toBe(resources!.length);
      }
      // Asked again, as for named guests, it is said once all the same; and who may see all is told all.
      expect(withoutHidden(freshness(shown), { parts, hides }).unseen).toEqual(shown);
      expect(withoutHidden(freshness(given), { parts, hides: () => false }).unseen.slice(0, -1)).toEqual(
        given,
      );
      expect(withoutHidden(freshness(given), undefined).unseen).toBe(given);
    }),
  );
});

test('what is kept from the asker is told in words, without names', () => {
  const said = (...parts: HiddenPart[]) => unseenText({ code: 'hidden', parts });
  expect(said('log')).toBe('lines of the log that this token may not see');
  expect(said('guests', 'tasks', 'log')).toBe(
    'guests, tasks and figures of nodes, and lines of the log that this token may not see',
  );
});
