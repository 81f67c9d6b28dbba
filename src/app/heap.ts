import { PerformanceObserver } from 'node:perf_hooks';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/** More room for new objects than this gains V8 little (bytes). */
const NEW_OBJECTS = 32 * 2 ** 20;

let watched = false;

/**
 * Makes V8 collect when its heap has grown by half since the last collection, instead of up to fourfold: each request leaves 15
 * KB behind that only a full collection finds, so a process that keeps discovering would otherwise hold hundreds of megabytes of
 * garbage. Also limits the room for new objects to 32 MB instead of 128. V8 reads both flags at each collection, so that they can
 * be set at run time; the maximum of that room it reads only at its start.
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--heap-growing-percent=50');
  if (watched) return;
  watched = true;
  let grows = true;
  // When idle, V8 gives room back, which then has to grow again.
  new PerformanceObserver(() => {
    if (grows === roomForNewObjects() < NEW_OBJECTS) return;
    grows = !grows;
    setFlagsFromString(`--semi-space-growth-factor=${grows ? 2 : 1}`);
  }).observe({ type: 'gc' });
}

function roomForNewObjects(): number {
  return getHeapSpaceStatistics().find(space => space.space_name === 'new_space')?.space_size ?? 0;
}
