import { expect, test } from 'vitest';
import { FACETS } from '../../src/model/facet.ts';
import { act, type Draw, mulberry, nodeOn, pick, setQuorum } from './acts.ts';
import { ALL, fair } from './api.ts';
import { Cluster } from './cluster.ts';
import { Judge } from './judge.ts';
import { recordedOf, truthOf } from './trace.ts';
import { type Bench, startBench } from './witness.ts';

/** The same lives each time; SOAK=seconds lives others for longer; SEED=number, or several with commas, lives where a failure was found. */
const SOAK_S = Number(process.env['SOAK'] ?? 0);
const SEEDS = (process.env['SEED'] ?? (SOAK_S > 0 ? `${Date.now() % 1_000_000}` : '1,2'))
  .split(',')
  .map(Number);
const STEPS = Number(process.env['STEPS'] ?? 60);

/** What of a row or a configuration may hold something else for one look. */
const ODD_FIELDS = [
  ...['status', 'name', 'pool', 'hastate', 'tags', 'uptime', 'template', 'node', 'vmid', 'lock'],
  ...['memory', 'cores', 'description', 'vmgenid', 'smbios1', 'meta', 'hostname'],
];

test('what a cluster of another make lives through is told as it was', {
  timeout: (SOAK_S + 120 * SEEDS.length) * 1000,
}, async () => {
  const end = Date.now() + SOAK_S * 1000;
  const next = (at: number) => SEEDS[at] ?? SEEDS.at(-1)! + at - SEEDS.length + 1;
  for (let at = 0; at < SEEDS.length || Date.now() < end; at++) {
    const n = next(at);
    const wrong = await live(n);
    if (wrong.length > 0 && process.env['ALL']) console.log(`SEED=${n}\n${wrong.slice(0, 6).join('\n')}`);
    else expect(wrong, `SEED=${n}`).toEqual([]);
  }
});

async function live(seed: number): Promise<string[]> {
  const draw = mulberry(seed);
  const c = new Cluster(1_800_000_000_000);
  c.advance(20_000);
  for (let n = 0; n < 12; n++) {
    act(c, draw);
    c.advance(20_000);
  }
  heal(c, draw);
  const bench = await startBench(c);
  try {
    const judge = new Judge(c, bench.store);
    judge.firstLook = c.t;
    for (let step = 0; step < STEPS; step++) {
      const acts = Math.floor(draw() ** 2 * 6);
      for (let n = 0; n < acts; n++) {
        act(c, draw);
        c.advance(Math.floor(draw() * 15_000));
      }
      c.advance(Math.floor(draw() ** 3 * 400_000));
      const clear = step === 0 || draw() < 0.25;
      const start = c.t;
      if (clear) settle(c, draw, bench);
      else cloud(c, draw, bench);
      await bench.look(
        clear || draw() < 0.7 ? [...FACETS] : ['inventory'],
        clear,
        clear || draw() < 0.8 ? 0 : 1,
      );
      if (process.env['TRACE'])
        console.log(
          step,
          clear ? 'clear' : 'cloudy',
          (start - judge.firstLook) / 1000,
          'skew',
          bench.skew,
          'quorate',
          c.quorate,
          JSON.stringify(bench.sights[0]),
          JSON.stringify(bench.weather, (_, v) => (v instanceof Map || v instanceof Set ? [...v] : v)),
          [...c.nodes.values()]
            .map(n => `${n.on ? '' : 'off'}${n.hung ? 'hung' : ''}${n.mute ? 'mute' : ''}${n.ahead}`)
            .join('/'),
        );
      judge.clocksKnown = bench.sights[0].audit || bench.skew === 0;
      judge.tasksSeen = bench.sights[0].audit && bench.weather.noTasks.size === 0;
      const wrong = await judge.recorded();
      if (clear) {
        wrong.push(...(await judge.present()));
        judge.clearSince = c.t;
      } else judge.clearSince = null;
      if (wrong.length > 0 && process.env['TRACE'])
        console.log(
          [
            ...truthOf(c, wrong, judge.firstLook),
            ...(await recordedOf(bench.store, wrong, judge.firstLook)),
          ].join('\n'),
        );
      if (wrong.length > 0)
        return [
          `step ${step} (${clear ? 'clear' : 'cloudy'}) at ${(c.t - judge.firstLook) / 1000}`,
          ...wrong,
        ];
    }
    const { history } = await bench.call('show_history', { limit: 200 });
    const wrong = judge.authors(history);
    if (wrong.length > 0 && process.env['TRACE'])
      console.log(
        [
          ...truthOf(c, wrong, judge.firstLook),
          ...history
            .filter(row => wrong.some(line => line.startsWith(`${row.resource} `)))
            .map(row => JSON.stringify(row)),
        ].join('\n'),
      );
    return wrong;
  } finally {
    await bench.close();
  }
}

function heal(c: Cluster, draw: Draw): void {
  setQuorum(c, true);
  for (const node of c.nodes.values()) {
    if (!node.on) nodeOn(c, draw, node.name);
    node.hung = false;
    node.mute = false;
  }
  while (c.busy) c.advance(10_000);
  c.advance(30_000);
}

function settle(c: Cluster, draw: Draw, bench: Bench): void {
  heal(c, draw);
  bench.weather = fair();
  bench.sights[0] = ALL;
  bench.skew = 0;
}

function cloud(c: Cluster, draw: Draw, bench: Bench): void {
  const weather = fair();
  bench.weather = weather;
  const some = () => pick(draw, c.alive())?.key ?? '';
  if (draw() < 0.3)
    weather.refusing.set(
      some(),
      pick(draw, [
        { status: 500, reason: 'got timeout' },
        { status: 403, reason: 'Permission check failed (/vms/100, VM.Audit)' },
        { status: 596, reason: '' },
      ])!,
    );
  if (draw() < 0.2) weather.noPending.add(some());
  if (draw() < 0.15) for (let n = 0; n < 3; n++) weather.missing.add(some());
  if (draw() < 0.3)
    weather.odd.push({ key: some(), field: pick(draw, ODD_FIELDS)!, value: pick(draw, [{ a: 1 }, [1]])! });
  if (draw() < 0.15) weather.noTasks.add(pick(draw, ['pve1', 'pve2', 'pve3'])!);
  if (draw() < 0.1) weather.noLog = true;
  bench.sights[0] = pick(draw, [
    ALL,
    ALL,
    ALL,
    { ...ALL, syslog: false },
    { ...ALL, audit: false },
    { ...ALL, pools: false },
    { ...ALL, only: 'red', pools: false },
  ])!;
  if (draw() < 0.1) bench.skew = pick(draw, [0, 7_200_000, -3_600_000, 40_000])!;
}
