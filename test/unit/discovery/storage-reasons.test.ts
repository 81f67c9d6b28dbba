import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decideStorage, type StorageBasis } from '../../../src/discovery/storage/decide.ts';
import type { Detail } from '../../../src/model/detail.ts';
import type { NodeStorageEntity, StorageEntity } from '../../../src/model/entity.ts';
import type { NodeStorageObservation } from '../../../src/model/observation.ts';
import type { JsonObject } from '../../../src/model/state.ts';
import { ourTime } from '../../../src/model/time.ts';
import { propertyRuns } from '../../support/soak.ts';

const NODES = ['pve1', 'pve2'];
/** How a node sees it: it does not answer, reaches it, cannot and says why, or cannot and says nothing. */
type Sight = 'silent' | 'fine' | 'A' | 'B' | 'mute';

interface Known {
  known: StorageEntity[];
  onNodes: NodeStorageEntity[];
  reasons: Detail<'storage_reason'>[];
}

const rowsOf = (sights: Sight[], before: Known['reasons'], at: number): Known['reasons'] =>
  NODES.flatMap((source, index): Known['reasons'] => {
    const sight = sights[index]!;
    const was = before.filter(row => row.source === source);
    if (sight === 'silent') return was;
    if (sight === 'fine') return [];
    const text = sight === 'mute' ? (was[0]?.data.text ?? null) : sight;
    return [{ topic: 'storage_reason', subject: 'nas', source, data: { text }, observedAt: ourTime(at) }];
  });

function look(before: Known, sights: Sight[], at: number, enabled: boolean) {
  const seenFrom = new Map(
    NODES.flatMap((nodeId, index): [string, NodeStorageObservation[]][] =>
      sights[index] === 'silent'
        ? []
        : [
            [
              nodeId,
              [
                {
                  ...{ nodeId, storageId: 'nas', active: sights[index] === 'fine' },
                  ...{ totalBytes: null, usedBytes: null, availableBytes: null },
                },
              ],
            ],
          ],
    ),
  );
  const reasons = { before: before.reasons, now: rowsOf(sights, before.reasons, at) };
  const basis: StorageBasis = {
    ...{ known: before.known, onNodes: before.onNodes, fills: [], reasons, seenFrom },
    definitions: [
      {
        ...{ id: 'nas', type: 'nfs', content: ['iso'], shared: true, enabled, nodes: [], options: {} },
        unreadOptions: [],
      },
    ],
    ...{ nodes: new Set(NODES), absences: new Map(), arrivalsAreCreated: false, pastIncarnations: new Map() },
    ...{ observedAt: ourTime(at), complete: true, unseen: [] },
  };
  const { upserts, onNodes, versions } = decideStorage(basis);
  return { known: { known: upserts, onNodes, reasons: reasons.now }, versions };
}

// Kills: a reason that is learnt late, or forgotten while a node is silent, told as a change.
test('why a node cannot reach a storage is told with the outage, and history adds up', () => {
  const sight = fc.constantFrom<Sight[]>('silent', 'fine', 'A', 'B', 'mute');
  const looks = fc.array(fc.record({ sights: fc.tuple(sight, sight), enabled: fc.boolean() }), {
    minLength: 2,
    maxLength: 8,
  });
  fc.assert(
    fc.property(looks, all => {
      let known: Known = { known: [], onNodes: [], reasons: [] };
      let state: JsonObject = {};
      for (const [index, { sights, enabled }] of all.entries()) {
        const { known: next, versions } = look(known, sights, 1_000 * (index + 1), enabled);
        for (const { change, fields, state: after } of versions) {
          for (const { path, from, to } of fields) {
            const at = (of: JsonObject) =>
              path.startsWith('unreachable_reasons.')
                ? ((of['unreachable_reasons'] as JsonObject | undefined)?.[path.slice(20)] ?? null)
                : (of[path] ?? null);
            expect([at(state), at(after)]).toEqual([from, to]);
          }
          // What was not told is known all the same only where it was learnt.
          const told = new Set(fields.map(({ path }) => path.split('.')[0]));
          if (change === 'updated')
            for (const part of Object.keys({ ...state, ...after }))
              if (!told.has(part)) expect(after[part]).toEqual(state[part]);
          state = after;
        }
        const cut = next.onNodes.filter(view => view.active === false).map(view => view.nodeId);
        const why = next.reasons.filter(row => cut.includes(row.source) && row.data.text !== null);
        expect(state['unreachable']).toEqual(cut.sort());
        expect(state['unreachable_reasons'] ?? {}).toEqual(
          Object.fromEntries(why.map(row => [row.source, row.data.text])),
        );
        known = next;
      }
    }),
    { numRuns: propertyRuns(200) },
  );
});
