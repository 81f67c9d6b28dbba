import { describe, expect, test } from 'vitest';
import { FreshnessPolicy } from '../../../src/discovery/schedule/freshness-policy.ts';
import type { CommitEntity } from '../../../src/model/entity.ts';
import type { Facet } from '../../../src/model/facet.ts';
import { ourTime } from '../../../src/model/time.ts';

const START = 1_000_000;
const MAX_AGE = 30_000;
const CONFIG_MAX_AGE = 300_000;

/** A policy, its clock, and the newest commits of a store. */
function begin() {
  const clock = { now: START };
  const commits = new Map<Facet, CommitEntity>();
  const policy = new FreshnessPolicy(() => ourTime(clock.now), CONFIG_MAX_AGE);
  return {
    clock,
    commit: (facet: Facet, observedAt = ourTime(clock.now)) =>
      commits.set(facet, { facet, observedAt } as CommitEntity),
    due: (facets: Facet[], maxAge = MAX_AGE) => [...policy.due(facets, maxAge, commits)],
    aging: () => policy.aging(commits),
  };
}

describe('a facet is due', () => {
  test.each<[Facet, number, number, boolean]>([
    ['inventory', MAX_AGE, MAX_AGE, false],
    ['inventory', MAX_AGE, MAX_AGE + 1, true],
    ['inventory', 0, 0, true],
    ['inventory', MAX_AGE, -1, true],
    ['config', MAX_AGE, CONFIG_MAX_AGE, false],
    ['config', MAX_AGE, CONFIG_MAX_AGE + 1, true],
    ['config', 2 * CONFIG_MAX_AGE, 2 * CONFIG_MAX_AGE, false],
    ['config', 0, 0, true],
    ['details', MAX_AGE, CONFIG_MAX_AGE, false],
    ['backups', MAX_AGE, CONFIG_MAX_AGE, false],
    ['addresses', MAX_AGE, CONFIG_MAX_AGE, false],
    ['storage', MAX_AGE, MAX_AGE + 1, true],
    ['tasks', MAX_AGE, MAX_AGE + 1, true],
  ])('$0, wanted within $1 ms, after $2 ms: $3', (facet, maxAge, age, is) => {
    const { commit, due } = begin();
    commit(facet, ourTime(START - age));
    expect(due([facet], maxAge)).toEqual(is ? [facet] : []);
  });

  test('as long as nobody has brought it', () =>
    expect(begin().due(['config', 'tasks'])).toEqual(['config', 'tasks']));
});

describe('a facet is brought along', () => {
  test('where it was asked for within its age, and has reached half of it', () => {
    const { clock, commit, due, aging } = begin();
    for (const facet of ['inventory', 'storage'] as const) commit(facet);
    due(['inventory', 'storage']);
    clock.now += MAX_AGE / 2;
    expect(aging()).toEqual([]);
    clock.now += 1;
    commit('storage');
    expect(aging()).toEqual(['inventory']);
    clock.now = START + MAX_AGE;
    expect(aging()).toEqual(['inventory']);
    clock.now += 1;
    expect(aging()).toEqual([]);
  });

  test('where nobody has brought it yet', () => {
    const { due, aging } = begin();
    due(['storage']);
    expect(aging()).toEqual(['storage']);
  });

  // A read that is forced once is no habit, and the slow facets have an age of their own.
  test('neither where its read was forced nor where it is slow', () => {
    const { due, aging } = begin();
    due(['inventory'], 0);
    due(['config', 'details', 'backups', 'addresses']);
    expect(aging()).toEqual([]);
  });
});
