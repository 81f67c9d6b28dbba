import type { Cast } from './day-cast.ts';
import type { World } from './world/index.ts';

/** What a step works with. */
export interface Stage {
  world: World;
  cast: Cast;
  /** Simulated time, milliseconds since 1970. */
  now: number;
}

/** Something that happens; `false` if the cluster has nothing it could happen to. */
export interface DayStep {
  /** Simulated UTC time of day. */
  at: string;
  label: string;
  act: (stage: Stage) => unknown;
}

/** An administrator who works on running services. */
export const alice = { user: 'alice@pve' };
/** Another administrator, who also makes the day's mistakes. */
export const bob = { user: 'bob@pve' };
/** A program that uses root's token. */
export const terraform = { user: 'root@pam!terraform' };

/** Runs `act` on the VMID, if the cast has a guest for the part. */
export function on(vmid: number | undefined, act: (vmid: number) => unknown): unknown {
  return vmid === undefined ? false : act(vmid);
}
