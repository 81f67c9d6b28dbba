import { expect, test } from 'vitest';
import { decideStorage, type StorageBasis } from '../../../src/discovery/storage/decide.ts';
import type { NodeStorageEntity, StorageEntity } from '../../../src/model/entity.ts';
import type { NodeStorageObservation, StorageObservation } from '../../../src/model/observation.ts';
import { ourTime } from '../../../src/model/time.ts';
import { aStorage } from '../../support/database-fixtures.ts';

const BEFORE = ourTime(1_000_000);
const NOW = ourTime(2_000_000);
const SIZE = { totalBytes: 100, usedBytes: 40, availableBytes: 60 };
const NONE = { totalBytes: null, usedBytes: null, availableBytes: null };

const definition = (facts: Partial<StorageObservation> = {}): StorageObservation => ({
  ...{ id: 'nas', type: 'nfs', content: ['iso'], shared: true, enabled: true, nodes: [], options: {} },
  unreadOptions: [],
  ...facts,
});
const known = (facts: Partial<StorageEntity> = {}): StorageEntity =>
  aStorage('nas', {
    ...{
      type: 'nfs',
      contentTypes: ['iso'],
      shared: true,
      nodes: [],
      options: {},
      path: null,
      incarnation: 2,
    },
    ...{ lastSeen: BEFORE, createdAt: BEFORE, ...facts },
  });
const view = (nodeId: string, active = true, facts: Partial<NodeStorageEntity> = {}): NodeStorageEntity => ({
  ...{ nodeId, storageId: 'nas', active, ...SIZE, lastSeen: BEFORE, unconfirmed: null, ...facts },
});
const seen = (nodeId: string, active = true): [string, NodeStorageObservation[]] => [
  nodeId,
  [{ nodeId, storageId: 'nas', active, ...(active ? SIZE : NONE) }],
];
const decide = (basis: Partial<StorageBasis>) => {
  const verdict = decideStorage({
    ...{
      known: [],
      onNodes: [],
      fills: [],
      reasons: { before: [], now: [] },
      definitions: [],
      seenFrom: new Map(),
      nodes: new Set(['pve1', 'pve2']),
    },
    ...{
      absences: new Map(),
      arrivalsAreCreated: true,
      pastIncarnations: new Map([['nas', 6]]),
      observedAt: NOW,
    },
    ...{ complete: true, unseen: [] },
    ...basis,
  });
  const told = verdict.versions.map(({ change, fields }) => [
    change,
    ...fields.map(({ path, to }) => [path, to]),
  ]);
  return { ...verdict, told };
};

test('a storage that appears is created where all could be seen before, else discovered', () => {
  const seenFrom = new Map([seen('pve1'), seen('pve2')]);
  const { versions, upserts, onNodes } = decide({
    definitions: [definition({ options: { path: '/mnt' } })],
    seenFrom,
  });
  expect(versions).toMatchObject([
    { change: 'created', windowAfter: null, windowBefore: NOW, incarnation: 7 },
  ]);
  expect(upserts).toMatchObject([{ path: '/mnt', createdAt: NOW, lastSeen: NOW, incarnation: 7, ...SIZE }]);
  expect(onNodes).toEqual(['pve1', 'pve2'].map(node => view(node, true, { lastSeen: NOW })));
  const found = decide({ definitions: [definition()], arrivalsAreCreated: false });
  expect(found.told).toEqual([['discovered']]);
  expect(found.onNodes).toMatchObject([
    { nodeId: 'pve1', active: null, ...NONE, lastSeen: null },
    { nodeId: 'pve2' },
  ]);
});

test('one that is as it was makes no history', () => {
  const { told, upserts, obsolete } = decide({
    ...{ known: [known()], onNodes: [view('pve1')], definitions: [definition()] },
    seenFrom: new Map([seen('pve1'), seen('pve2')]),
  });
  expect([told, obsolete]).toEqual([[], []]);
  expect(upserts).toMatchObject([{ createdAt: BEFORE, incarnation: 2, lastSeen: NOW, path: null }]);
});

test('one that a node cannot reach keeps the size it had there', () => {
  const { versions, told, onNodes } = decide({
    ...{ known: [known()], onNodes: [view('pve1'), view('pve2')], definitions: [definition()] },
    seenFrom: new Map([seen('pve1'), seen('pve2', false)]),
  });
  expect(told).toEqual([['updated', ['unreachable', ['pve2']]]]);
  expect(versions).toMatchObject([{ windowAfter: BEFORE, windowBefore: NOW }]);
  expect(onNodes[1]).toEqual(view('pve2', false, { lastSeen: NOW }));
  const back = decide({
    ...{ known: [known()], onNodes, definitions: [definition()] },
    seenFrom: new Map([seen('pve1'), seen('pve2')]),
  });
  expect(back.told).toEqual([['updated', ['unreachable', []]]]);
});

test('a node that does not answer keeps its view', () => {
  const onNodes = [view('pve1', false)];
  const { told, ...verdict } = decide({
    known: [known()],
    onNodes,
    definitions: [definition({ nodes: ['pve1'] })],
  });
  expect(told).toEqual([['updated', ['nodes', ['pve1']]]]);
  expect(verdict.onNodes).toEqual(onNodes);
});

// Its outage did not end: the node is no longer meant, or has left the cluster. That is told beside the definition.
test('a node that is no longer meant leaves with the definition', () => {
  const onNodes = [view('pve1'), view('pve2', false), view('pve3', false)];
  const { told, obsolete } = decide({
    ...{ known: [known({ nodes: ['pve1', 'pve2', 'pve3'] })], onNodes },
    ...{ definitions: [definition({ nodes: ['pve1', 'pve3'] })], seenFrom: new Map([seen('pve1')]) },
  });
  expect(told).toEqual([['updated', ['nodes', ['pve1', 'pve3']], ['unreachable', []]]]);
  expect(obsolete).toEqual(['pve2', 'pve3'].map(nodeId => ({ nodeId, storageId: 'nas' })));
});

// It was enabled after its definition had been read: it may not be mounted yet.
test('a disabled storage is not out of reach', () => {
  const { told } = decide({
    ...{ known: [known({ enabled: false })], onNodes: [view('pve1')] },
    ...{ definitions: [definition({ enabled: false })], seenFrom: new Map([seen('pve1', false)]) },
  });
  expect(told).toEqual([]);
});

test('of a local storage no size stands for all, of a shared one that of the first who knows it', () => {
  const seenFrom = new Map([seen('pve1', false), seen('pve2')]);
  expect(decide({ definitions: [definition()], seenFrom }).onNodes[0]).toMatchObject(NONE);
  expect(decide({ definitions: [definition()], seenFrom }).upserts).toMatchObject([SIZE]);
  expect(decide({ definitions: [definition({ shared: false })], seenFrom }).upserts).toMatchObject([NONE]);
  expect(decide({ definitions: [definition()] }).upserts).toMatchObject([NONE]);
});

test('one that is missing is deleted where that is proven, else out of sight', () => {
  const basis = { known: [known()], onNodes: [view('pve1', false)] };
  const gone = decide({ ...basis, absences: new Map([['nas', { verdict: 'deleted' }]]) });
  expect(gone.versions).toMatchObject([
    {
      change: 'deleted',
      windowAfter: BEFORE,
      windowBefore: NOW,
      incarnation: 2,
      state: { unreachable: ['pve1'] },
    },
  ]);
  expect(gone).toMatchObject({
    deletions: ['nas'],
    upserts: [],
    obsolete: [{ nodeId: 'pve1', storageId: 'nas' }],
  });
  for (const [absences, unseenReason] of [
    [new Map([['nas', { verdict: 'unseen', reason: { code: 'no-right' } } as const]]), { code: 'no-right' }],
    [new Map(), { code: 'not-listed' }],
  ] as const) {
    const unseen = decide({ ...basis, absences });
    expect(unseen).toMatchObject({ deletions: [], obsolete: [], versions: [] });
    expect(unseen.upserts).toEqual([known({ unseenReason })]);
  }
  expect(
    decide({ ...basis, onNodes: [], absences: new Map([['nas', { verdict: 'deleted' }]]) }).versions,
  ).toMatchObject([{ state: { unreachable: [] } }]);
});
