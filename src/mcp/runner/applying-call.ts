import type { Applying, ApplyingHere, PersonAsked } from '../define/applying.ts';
import type { Progress } from './progress.ts';

/** Applying for one call, whose arguments cannot decide who asks or which person is asked. */
export function forCall(
  applying: Applying,
  asker: string,
  {
    person,
    signal,
    progress,
  }: {
    person?: PersonAsked;
    signal?: AbortSignal;
    progress?: (progress: Progress) => void;
  },
): ApplyingHere {
  const { approval, only } = applying;
  return {
    approval,
    only,
    asks: person?.how ?? null,
    obstacles: (plan, guests) => applying.obstacles(plan, guests),
    apply: order =>
      applying.apply({
        ...order,
        asker,
        person,
        signal,
        progress: (done, total) =>
          progress?.({ done, total, message: `${done} of ${total} guests done`, doing: 'Applying' }),
      }),
  };
}
