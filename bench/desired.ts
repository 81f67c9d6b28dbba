import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compareWith, ordered } from '../src/answers/desired/compare.ts';
import { makePlan } from '../src/answers/desired/make-plan.ts';
import { driftRows } from '../src/answers/desired/rows.ts';
import { type DatabaseStore, openStore } from '../src/database/index.ts';
import { contentHash, marked, NOTHING_DECLARED, withFields } from '../src/desired/declaration.ts';
import { noLog } from '../src/log.ts';
import type { ToolContext } from '../src/mcp/define/tool.ts';
import type { Declaration } from '../src/model/declaration.ts';
import { GUEST_TYPES } from '../src/model/resource.ts';
import { ourTime } from '../src/model/time.ts';
import type { Benchmark } from './support/report.ts';
import { sampleGuest, sampleNodes, sampleState, typeOf } from './support/sample-data.ts';
import { median, timed } from './support/stats.ts';

const GUESTS = 10_000;
const RULES = 200;
const PLANNED = 1_000;

/** Comparing and planning on a full store, beside reading the same rows and nothing else. */
export const desired: Benchmark = {
  name: 'desired',
  title: 'Desired state',
  async run({ full }) {
    const folder = await mkdtemp(join(tmpdir(), 'mpc-bench-desired-'));
    const store = await openStore({
      url: `file:${join(folder, 'store.db')}`,
      autoMigrate: true,
      packageRoot: fileURLToPath(new URL('..', import.meta.url)),
      log: noLog,
    });
    try {
      await fill(store);
      const content = declaration();
      const revision = {
        at: 1,
        author: 'bench',
        why: null,
        source: 'store' as const,
        content,
        hash: contentHash(content),
      };
      await store.addRevision(0, revision);
      const context = contextOf(store);
      const rounds = full ? 40 : 12;
      const floor = await timed(rounds, async () => {
        for (const type of GUEST_TYPES)
          for (const one of await store.configsHolding(type, () => true)) void one.config;
        for (const type of GUEST_TYPES) await store.guests(type);
      });
      let bytes = 0;
      let found = 0;
      const compared = await timed(rounds, async () => {
        const findings = await compareWith((await store.declaration())!.content, context);
        const page = ordered(findings, 'asc');
        found = page.length;
        const rows = await driftRows(page.slice(0, 50), context, { to: 2_147_483_647, declaredIs: 'from' });
        bytes = Buffer.byteLength(JSON.stringify(rows));
      });
      const planned = await timed(full ? 10 : 4, () =>
        makePlan({ tag: 'planned', set: ['memory=3072'] }, context),
      );
      return {
        tables: [
          {
            title: `${GUESTS} guests, ${RULES} rules (ms)`,
            columns: ['what', 'p50', 'times the floor'],
            rows: [
              ['floor: guests and configurations read', round(median(floor)), 1],
              [
                `compared, a page of 50 of ${found} (${bytes} bytes before paging)`,
                round(median(compared)),
                round(median(compared) / median(floor)),
              ],
              [
                `a plan of ${PLANNED} guests, kept`,
                round(median(planned)),
                round(median(planned) / median(floor)),
              ],
            ],
          },
        ],
        checks: [
          {
            what: 'compare 10,000 guests with 200 rules, p50',
            value: round(median(compared)),
            target: 250,
            unit: 'ms',
          },
          { what: 'plan of 1,000 guests, p50', value: round(median(planned)), target: 2_000, unit: 'ms' },
        ],
      };
    } finally {
      await store.close();
      await rm(folder, { recursive: true, force: true });
    }
  },
};

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** Two hundred rules: tags, pools, patterns, and named guests of which some differ. */
function declaration(): Declaration {
  let all = NOTHING_DECLARED;
  for (let n = 0; n < RULES; n++) {
    const match =
      n < 4
        ? { name: `no-${n}*` }
        : n < 60
          ? { tag: `t${n}` }
          : { resource: `${typeOf(100 + n)}/${100 + n}` };
    all = withFields(all, match, { 'config.memory': n % 3 === 0 ? 1024 : 2048, 'config.onboot': 1 });
  }
  all = withFields(all, { type: 'vm' }, { 'config.cores': 2 });
  return marked(all, NOTHING_DECLARED, 1);
}

function contextOf(store: DatabaseStore): ToolContext {
  return {
    store,
    now: Date.now(),
    timeZone: 'UTC',
    client: 'bench',
    log: noLog,
    freshness: { asOf: {}, source: 'store', stale: null, unseen: [] },
    refreshGuests: async () => {},
    discover: () => Promise.reject(new Error('nothing to discover')),
    saveNote: async () => {},
    declaring: {
      file: null,
      addRevision: (after, revision) => store.addRevision(after, revision),
      savePlan: plan => store.savePlan(plan),
    },
  };
}

async function fill(store: DatabaseStore): Promise<void> {
  const lease = (await store.acquireLease('bench', 600_000))!;
  const run = await store.startRun(['inventory']);
  const options = {
    runId: run.id,
    facet: 'inventory' as const,
    observedAt: ourTime(Date.now()),
    complete: true,
  };
  await store.commitFacet(lease, options, async writer => {
    await writer.upsertNodes(sampleNodes());
    const ids = Array.from({ length: GUESTS }, (_, n) => 100 + n);
    for (const type of GUEST_TYPES) {
      const mine = ids.filter(id => typeOf(id) === type);
      await writer.upsertGuests(
        type,
        mine.map(id => ({
          ...sampleGuest(id),
          tags: [`t${id % 60}`, ...(id < 100 + PLANNED ? ['planned'] : [])],
        })),
      );
      await writer.upsertConfigs(
        mine.map(id => ({
          type,
          id,
          config: sampleState(id, 1).config ?? {},
          pending: {},
          snapshots: {},
          observedAt: ourTime(Date.now()),
        })),
      );
    }
  });
  await store.releaseLease(lease);
}
