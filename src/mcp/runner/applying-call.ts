import type { Applying, ApplyingHere, PersonAsked } from '../define/applying.ts';
import type { Progress } from './progress.ts';

/** Carrying out for one call: who asks, and which person can be asked, is not for its arguments to say. */
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
