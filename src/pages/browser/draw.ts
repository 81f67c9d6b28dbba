import { UNKNOWN } from '../timeline/authors.ts';
import { hasFailed, type Item, type Lane } from '../timeline/model.ts';
import type { Off, Span } from '../timeline/off.ts';
import type { Tick } from '../timeline/scale.ts';
import type { Colours } from './colours.ts';

/** What a lane is drawn with. */
export interface Brush {
  view: Span;
  /** In CSS pixels. */
  width: number;
  height: number;
  marks: readonly Tick[];
  colours: Colours;
  /** An author's style variable. */
  colourOf: (author: string) => string;
}

/** Size of a change's mark (pixels). */
const MARK = 5;
/** Height of a task (pixels). */
const TASK = 4;

/** The position of a moment (pixels). */
export function place(at: number, { view, width }: Pick<Brush, 'view' | 'width'>): number {
  return ((at - view.from) / (view.to - view.from)) * width;
}

/** Draws a lane: when it was off, its tasks, and on top each change as the time in which it happened. */
export function drawLane(canvas: HTMLCanvasElement, lane: Lane, brush: Brush): void {
  const { width, height } = brush;
  const ratio = devicePixelRatio;
  const [across, down] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== across || canvas.height !== down)
    Object.assign(canvas, { width: across, height: down });
  const pen = canvas.getContext('2d')!;
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, width, height);
  drawMarks(pen, brush);
  for (const span of lane.off) drawOff(pen, span, brush);
  const visible = lane.items.filter(
    ({ after, before }) => before >= brush.view.from && after <= brush.view.to,
  );
  const changes = visible.filter(({ kind }) => kind !== 'task');
  for (const item of visible) if (item.kind === 'task') drawTask(pen, item, brush);
  drawWindows(pen, changes, brush);
  drawShapes(pen, changes, brush);
}

function drawMarks(pen: CanvasRenderingContext2D, brush: Brush): void {
  for (const { at, isDay } of brush.marks) {
    pen.fillStyle = brush.colours.of(isDay ? '--line-day' : '--line');
    pen.fillRect(Math.round(place(at, brush)), 0, 1, brush.height);
  }
}

function drawOff(pen: CanvasRenderingContext2D, { from, to, unwatched }: Off, brush: Brush): void {
  const [start, end] = [Math.max(0, place(from, brush)), Math.min(brush.width, place(to, brush))];
  if (end <= start) return;
  pen.save();
  pen.beginPath();
  pen.rect(start, 2, Math.max(end - start, 2), brush.height - 4);
  pen.fillStyle = brush.colours.of(unwatched ? '--raised' : '--off');
  pen.fill();
  if (unwatched) {
    pen.restore();
    return;
  }
  pen.clip();
  pen.strokeStyle = brush.colours.of('--off-line');
  pen.lineWidth = 1;
  pen.beginPath();
  // The stripes move along with the view.
  for (let x = start - (start % 7) - brush.height; x < end; x += 7) {
    pen.moveTo(x, brush.height);
    pen.lineTo(x + brush.height, 0);
  }
  pen.stroke();
  pen.restore();
}

function drawTask(pen: CanvasRenderingContext2D, item: Item, brush: Brush): void {
  const start = Math.max(-2, place(item.after, brush));
  const end = Math.min(brush.width + 2, place(item.before, brush));
  const failed = hasFailed(item.row);
  pen.fillStyle = brush.colours.of(failed ? '--failed' : '--task');
  pen.fillRect(start, brush.height - TASK - 3, Math.max(end - start, 3), TASK);
  if (failed) pen.fillRect(start, brush.height - TASK - 7, 3, TASK + 4);
}

function drawWindows(pen: CanvasRenderingContext2D, changes: readonly Item[], brush: Brush): void {
  const top = middle(brush) - 4;
  pen.globalAlpha = 0.32;
  for (const { after, before, author } of changes) {
    const start = Math.max(-2, place(after, brush));
    const end = Math.min(brush.width + 2, place(before, brush));
    if (end - start < 1) continue;
    pen.fillStyle = brush.colours.of(brush.colourOf(author));
    pen.fillRect(start, top, end - start, 8);
  }
  pen.globalAlpha = 1;
}

function drawShapes(pen: CanvasRenderingContext2D, changes: readonly Item[], brush: Brush): void {
  let last = '';
  pen.lineWidth = 1.8;
  for (const { before, author, kind } of changes) {
    const x = Math.round(place(before, brush));
    if (x < -MARK || x > brush.width + MARK) continue;
    const drawn = `${x} ${author} ${kind}`;
    // Thousands may fall on the same pixel.
    if (drawn === last) continue;
    last = drawn;
    pen.strokeStyle = brush.colours.of(brush.colourOf(author));
    pen.fillStyle = author === UNKNOWN ? brush.colours.of('--page') : pen.strokeStyle;
    drawShape(pen, kind, x, middle(brush));
  }
}

function middle({ height }: Brush): number {
  return Math.round(height / 2) - 3;
}

/** The mark of a kind of change, recognisable without its colour. It is hollow if the author is unknown. */
function drawShape(pen: CanvasRenderingContext2D, kind: string, x: number, y: number): void {
  pen.beginPath();
  if (kind === 'deleted' || kind === 'missing') {
    pen.lineWidth = 2.6;
    for (const side of [-1, 1]) {
      pen.moveTo(x - MARK, y - MARK * side);
      pen.lineTo(x + MARK, y + MARK * side);
    }
    pen.stroke();
    pen.lineWidth = 1.8;
    return;
  }
  if (kind === 'created') {
    pen.moveTo(x, y - MARK - 1);
    pen.lineTo(x + MARK + 1, y + MARK);
    pen.lineTo(x - MARK - 1, y + MARK);
  } else if (kind === 'discovered' || kind === 'declared') pen.arc(x, y, MARK, 0, 2 * Math.PI);
  else {
    pen.moveTo(x, y - MARK - 1);
    pen.lineTo(x + MARK, y);
    pen.lineTo(x, y + MARK + 1);
    pen.lineTo(x - MARK, y);
  }
  pen.closePath();
  if (kind !== 'discovered') pen.fill();
  pen.stroke();
}
