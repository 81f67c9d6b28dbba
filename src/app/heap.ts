import { PerformanceObserver } from 'node:perf_hooks';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/** Room for new objects beyond which V8 gains little by more (bytes). */
const NEW_OBJECTS = 32 * 2 ** 20;

let watched = false;

/**
 * Lets V8 collect when its heap has grown by half since it last did, instead of up to fourfold: each request leaves
 * 15 KB behind that only a full collection finds, so a process that keeps discovering would otherwise hold on to
 * hundreds of megabytes of garbage. And lets the room for new objects grow to 32 MB instead of 128. V8 reads both flags
 * when it collects, so setting them at run time is safe; the greatest size of that room it reads at its start only.
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--heap-growing-percent=50');
  if (watched) return;
  watched = true;
  let grows = true;
  // When idle V8 gives room back, which then has to grow anew.
  new PerformanceObserver(() => {
    if (grows === roomForNewObjects() < NEW_OBJECTS) return;
    grows = !grows;
    setFlagsFromString(`--semi-space-growth-factor=${grows ? 2 : 1}`);
  }).observe({ type: 'gc' });
}

function roomForNewObjects(): number {
  return getHeapSpaceStatistics().find(space => space.space_name === 'new_space')?.space_size ?? 0;
}
