import type { ClusterTime, NodeTime, OurTime } from '../../src/model/time.ts';

type Moment = OurTime | ClusterTime | NodeTime;

type PlainField<T> = T extends Moment
  ? number
  : T extends { [name: string]: Moment | null | undefined }
    ? { [name: string]: number | null }
    : T;

/** The same with plain numbers for moments of any clock: for tests in which whose clock told them does not matter. */
export type Plain<T> = T extends Moment
  ? number
  : T extends readonly (infer One)[]
    ? readonly Plain<One>[]
    : T extends object
      ? { [K in keyof T]: PlainField<T[K]> }
      : T;

/** Plain numbers taken for moments of whichever clock is asked for. */
export function timed<T>(plain: Plain<T>): T {
  return plain as T;
}
