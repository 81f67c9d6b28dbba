import type { Item, Lane } from '../timeline/model.ts';
import { type Brush, place } from './draw.ts';

/** How far from a mark it can be hit (pixels). */
const REACH = 9;

/** The item at this point of a lane; null if there is none. In the lower third tasks come first, elsewhere changes. */
export function itemAt(lane: Lane, x: number, y: number, brush: Brush): Item | null {
  const isLow = y > brush.height * 0.7;
  let best: Item | null = null;
  let nearest = Number.POSITIVE_INFINITY;
  for (const item of lane.items) {
    const [start, end] = [place(item.after, brush), place(item.before, brush)];
    const outside = Math.max(start - x, x - end, 0);
    if (outside > REACH) continue;
    const otherRow = (item.kind === 'task') === isLow ? 0 : 1_000;
    const distance = otherRow + outside * 4 + Math.min(Math.abs(x - end), 200) / 100;
    if (distance > nearest) continue;
    nearest = distance;
    best = item;
  }
  return best;
}
