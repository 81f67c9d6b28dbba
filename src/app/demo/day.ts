import type { Config, ConnectedConfig } from '../../config.ts';
import type { Discovery } from '../../discovery/index.ts';
import type { Log } from '../../log.ts';
import { FACETS } from '../../model/facet.ts';
import { type DoneStep, runDay } from '../../simulator/day.ts';
import { createSimulator, type Simulator } from '../../simulator/index.ts';
import { hour, minute } from '../../simulator/timing.ts';

/** From the scripted day's first step to a little after its last (ms). */
const SCRIPTED_DAY_MS = 16 * hour + 3 * minute;
/** From the first look at the cluster to the scripted day's first step (ms). */
const CALM_MS = 10 * minute;

/** Serves the demo's cluster, whose clock is a little before a day that ends at a given moment (ms since 1970). */
export async function simulate(
  config: Config,
  endsAt: number,
): Promise<{ simulator: Simulator; connection: ConnectedConfig }> {
  const dawn = Math.floor((endsAt - SCRIPTED_DAY_MS) / minute) * minute;
  const simulator = await createSimulator({ clusterName: 'demo', now: dawn - CALM_MS });
  const { url } = await simulator.start();
  const connection = {
    ...config,
    urls: [url],
    credentials: { token: simulator.tokens.full },
    tls: { ca: simulator.caPem },
  };
  return { simulator, connection };
}

/** One discovery of everything. */
export async function discoverAll(discovery: Discovery): Promise<void> {
  await discovery.discover({ facets: new Set(FACETS), deep: false, guests: new Set() });
}

/** Plays the scripted day, with a discovery after each step. `until` ends it early, at a time of that day. */
export async function playDay(
  simulator: Simulator,
  look: () => Promise<unknown>,
  log: Log,
  { signal, until }: { signal?: AbortSignal; until?: string } = {},
): Promise<void> {
  log.info('the simulated day begins');
  await look();
  await passDay(
    simulator,
    async ({ time, label }) => {
      signal?.throwIfAborted();
      log.info(`${new Date(time).toTimeString().slice(0, 5)}  ${label}`);
      simulator.clock.advance(minute);
      await look();
    },
    until,
  );
}

/** Plays the scripted day in the cluster without discoveries, exactly as `playDay` does. */
export async function replayDay(simulator: Simulator, until?: string): Promise<void> {
  await passDay(simulator, () => simulator.clock.advance(minute), until);
}

/** From now on the cluster's clock shows real time. */
export function followPresent({ clock }: Simulator): void {
  clock.set(Date.now());
  clock.followRealTime();
}

async function passDay(
  simulator: Simulator,
  after: (step: DoneStep) => Promise<void> | void,
  until?: string,
): Promise<void> {
  const onStep = (step: DoneStep) => (step.skipped ? undefined : after(step));
  await runDay(simulator, {
    from: simulator.clock.now() + CALM_MS,
    onStep,
    ...(until === undefined ? {} : { until }),
  });
}
