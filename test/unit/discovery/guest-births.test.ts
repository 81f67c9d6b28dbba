import { expect, test } from 'vitest';
import { bornAfter, type Origin } from '../../../src/discovery/guests/births.ts';
import { clusterTime } from '../../../src/model/time.ts';
import { aTask } from '../../support/database-fixtures.ts';

const [MADE, SEEN, FOUND] = [5_000_000, 4_000_000, 6_000_000];
const created = { windowAfter: clusterTime(SEEN), windowBefore: clusterTime(FOUND) };
const task = (type: string, facts: object = {}) =>
  aTask(1, {
    type,
    status: 'ok',
    startTime: clusterTime(MADE),
    endTime: clusterTime(MADE + 9_000),
    ...facts,
  });
const origin = (facts: Partial<Origin>): Origin => ({
  ...{ ctime: null, created: null, tasks: [], cloned: false },
  ...facts,
});

// Kills: "first seen then, so born then"; a restored guest that loses the backups it was restored from.
test.each<[string, Partial<Origin>, number | null]>([
  ['a guest that was there at first sight', {}, null],
  ['... and tells when it was made', { ctime: 1_000 }, 1_000],
  ['a container made in our sight', { created, tasks: [task('vzcreate')] }, MADE],
  ['a VM made in our sight', { created, ctime: MADE + 500, tasks: [task('qmcreate')] }, MADE + 500],
  ['a VM of which only its own time tells that it is new', { created, ctime: MADE }, MADE],
  ['a restored container', { created, tasks: [task('vzrestore')] }, null],
  [
    'a restored VM: the time of its former life',
    { created, ctime: 1_000, tasks: [task('qmrestore')] },
    1_000,
  ],
  ['a clone: not the time of its original', { created, ctime: 1_000, cloned: true }, SEEN],
  ['a cloned container', { created, cloned: true }, SEEN],
  ['a restored one while another was cloned', { created, tasks: [task('vzrestore')], cloned: true }, null],
  ['one that came without a trace', { created }, null],
  [
    'one whose creation failed before it was restored',
    { created, tasks: [task('qmcreate', { status: 'error' }), task('qmrestore')] },
    null,
  ],
  [
    'one restored over what was made just before',
    { created, tasks: [task('vzrestore', { startTime: MADE + 1 }), task('vzcreate')] },
    null,
  ],
  [
    'one made long before it was found: another life',
    { created, tasks: [task('vzcreate', { startTime: 1, endTime: 2 })] },
    null,
  ],
  [
    'one whose creation still runs',
    { created, tasks: [task('vzcreate', { status: 'running', endTime: null })] },
    MADE,
  ],
])('%s has backups of its own from %o on: %o', (_, facts, born) =>
  expect(bornAfter(origin(facts))).toBe(born));
