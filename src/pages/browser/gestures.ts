import type { Item } from '../timeline/model.ts';
import type { Span } from '../timeline/off.ts';
import { el } from './dom.ts';
import { itemAt } from './hit.ts';
import type { Plot } from './plot.ts';

/** How much one pixel of the wheel zooms. */
const WHEEL = 1.0015;
/** One line of the wheel, in browsers that count lines (pixels). */
const LINE = 30;
/** A pointer that moved less has clicked (pixels). */
const CLICK = 5;

/** Connects pointer, wheel and keyboard to a plot. */
export function listen(plot: Plot): void {
  listenToKeys(plot);
  listenToWheel(plot);
  listenToPointer(plot);
}

function listenToKeys(plot: Plot): void {
  const open = () => plot.selected !== null && plot.select(plot.selected, true);
  const acts: { [key: string]: () => unknown } = {
    ArrowLeft: () => plot.step(-1),
    ArrowRight: () => plot.step(1),
    ArrowUp: () => plot.stepLanes(-1),
    ArrowDown: () => plot.stepLanes(1),
    PageUp: () => plot.stepLanes(-10),
    PageDown: () => plot.stepLanes(10),
    Home: () => plot.step(-1e9),
    End: () => plot.step(1e9),
    Enter: open,
    ' ': open,
    '+': () => plot.zoomBy(0.5),
    '=': () => plot.zoomBy(0.5),
    '-': () => plot.zoomBy(2),
    '0': () => plot.zoomOut(),
  };
  plot.box.addEventListener('keydown', event => {
    const act = event.ctrlKey || event.metaKey || event.altKey ? undefined : acts[event.key];
    if (act === undefined) return;
    event.preventDefault();
    act();
  });
}

/** Over the axis, or with Ctrl as a pinch is reported, the wheel zooms; sideways it pans; otherwise the browser scrolls. */
function listenToWheel(plot: Plot): void {
  const onWheel = (event: WheelEvent) => {
    const { deltaX, deltaY, shiftKey, ctrlKey, metaKey, deltaMode } = event;
    const sideways = shiftKey && deltaX === 0 ? deltaY : deltaX;
    const overAxis = !plot.box.contains(event.target as Node);
    if (ctrlKey || metaKey || (overAxis && deltaY !== 0 && !shiftKey))
      plot.zoomBy(WHEEL ** (deltaY * (deltaMode === 1 ? LINE : 1)), plot.timeAt(event.clientX));
    else if (shiftKey || Math.abs(sideways) > Math.abs(deltaY)) plot.panFrom(plot.view, sideways);
    else return;
    event.preventDefault();
  };
  plot.element.addEventListener('wheel', onWheel, { passive: false });
}

function listenToPointer(plot: Plot): void {
  const { box } = plot;
  const tip = el('div', { class: 'tip', 'aria-hidden': 'true', hidden: true });
  plot.element.append(tip);
  let held: { x: number; view: Span } | null = null;
  let moved = false;
  box.addEventListener('pointerdown', event => {
    moved = false;
    held = event.button === 0 ? { x: event.clientX, view: plot.view } : null;
  });
  box.addEventListener('pointermove', event => {
    if (held === null || event.buttons === 0) {
      point(plot, tip, event);
      return;
    }
    const by = held.x - event.clientX;
    if (!moved && Math.abs(by) < CLICK) return;
    moved = true;
    tip.hidden = true;
    if (!box.hasPointerCapture(event.pointerId)) box.setPointerCapture(event.pointerId);
    plot.panFrom(held.view, by);
  });
  const leave = () => {
    held = null;
    tip.hidden = true;
  };
  box.addEventListener('pointerleave', leave);
  box.addEventListener('pointercancel', leave);
  box.addEventListener('click', event => {
    held = null;
    const item = moved ? null : itemUnder(plot, event);
    if (item !== null) plot.select(item, true);
  });
}

/** Shows what is under the pointer. */
function point(plot: Plot, tip: HTMLElement, event: PointerEvent): void {
  const item = event.pointerType === 'touch' ? null : itemUnder(plot, event);
  tip.hidden = item === null;
  plot.box.classList.toggle('over', item !== null);
  if (item === null) return;
  tip.textContent = plot.options.describe(item);
  const frame = plot.element.getBoundingClientRect();
  const left = Math.min(event.clientX - frame.left + 12, frame.width - tip.offsetWidth - 8);
  const below = event.clientY - frame.top + 18;
  const top = below + tip.offsetHeight > frame.height ? below - tip.offsetHeight - 26 : below;
  Object.assign(tip.style, { left: `${Math.max(8, left)}px`, top: `${top}px` });
}

function itemUnder(plot: Plot, event: MouseEvent): Item | null {
  const found = plot.laneAt(event);
  return found === null ? null : itemAt(found.lane, found.x, found.y, found.brush);
}
