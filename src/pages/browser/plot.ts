import type { Item, Lane } from '../timeline/model.ts';
import type { Span } from '../timeline/off.ts';
import { pan, reveal, ticks, zoom } from '../timeline/scale.ts';
import type { Colours } from './colours.ts';
import { eachFrame, el } from './dom.ts';
import { type Brush, place } from './draw.ts';
import { Row } from './row.ts';

/** Options and callbacks of a plot. */
export interface PlotOptions {
  bounds: Span;
  zone: string;
  colours: Colours;
  /** The CSS variable with an author's colour. */
  colourOf: (author: string) => string;
  /** Describes a change or task for screen readers. */
  describe: (item: Item) => string;
  /** An item was selected; `open` means that its details should be shown. */
  onSelect: (item: Item, open: boolean) => void;
}

/** Lanes drawn beyond each edge of the visible area. */
const OVERSCAN = 6;

const LABEL = 'Timeline: arrow keys move between changes, Enter shows one, plus and minus zoom';

/** Lanes under one time axis. Only the visible rows exist in the document; the browser does the scrolling. */
export class Plot {
  readonly element = el('div', { class: 'plot' });
  /** The element that scrolls and has keyboard focus. */
  readonly box = el('div', { class: 'lanes', role: 'listbox', tabindex: 0, 'aria-label': LABEL });
  readonly options: PlotOptions;
  readonly #axis = el('div', { class: 'axis-marks' });
  readonly #space = el('div', { class: 'space' });
  readonly #current = el('div', { class: 'current', id: 'current', role: 'option', 'aria-selected': 'true' });
  readonly #rows = new Map<number, Row>();
  /** Rows no longer in use, kept to be reused. */
  #spare: Row[] = [];
  #drawnWidth = -1;
  #lanes: readonly Lane[] = [];
  #view: Span;
  #selected: Item | null = null;

  constructor(options: PlotOptions) {
    this.options = options;
    this.#view = options.bounds;
    this.#space.append(this.#current);
    this.box.append(this.#space);
    const zone = el('div', { class: 'axis-zone' }, options.zone);
    this.element.append(el('div', { class: 'axis', 'aria-hidden': 'true' }, zone, this.#axis), this.box);
    this.box.addEventListener('scroll', this.#render, { passive: true });
    new ResizeObserver(() =>
      this.box.clientWidth === this.#drawnWidth ? this.#render() : this.redraw(),
    ).observe(this.box);
  }

  /** Shows these lanes; the selected item stays selected if it is among them. */
  show(lanes: readonly Lane[]): void {
    this.#lanes = lanes;
    if (this.#selected !== null && this.#laneOf(this.#selected) < 0) this.#selected = null;
    this.redraw();
  }

  /** Redraws everything. */
  redraw(): void {
    this.#spare = [...this.#spare, ...this.#rows.values()];
    this.#rows.clear();
    // The axis must be as wide as the content that scrolls below it.
    this.#axis.style.marginRight = `${this.box.offsetWidth - this.box.clientWidth}px`;
    this.#space.style.height = `${this.#lanes.length * this.#size('--row')}px`;
    this.#render();
  }

  /** The visible span of time. */
  get view(): Span {
    return this.#view;
  }

  /** Multiplies the width of the view by `factor`, keeping `at` in place: by default the selected item, else the middle. */
  zoomBy(factor: number, at = this.#selected?.before ?? (this.#view.from + this.#view.to) / 2): void {
    this.#look(zoom(this.#view, factor, at, this.options.bounds));
  }

  /** Shows the whole span. */
  zoomOut(): void {
    this.#look(this.options.bounds);
  }

  /** Moves `view` by a number of pixels. */
  panFrom(view: Span, pixels: number): void {
    this.#look(pan(view, (pixels / this.#axis.clientWidth) * (view.to - view.from), this.options.bounds));
  }

  /** The time at a horizontal position on the screen. */
  timeAt(clientX: number): number {
    const { left, width } = this.#axis.getBoundingClientRect();
    return this.#view.from + ((clientX - left) / width) * (this.#view.to - this.#view.from);
  }

  /** The lane at a position on the screen, and where in that lane the position is. */
  laneAt({ clientX, clientY }: MouseEvent): { lane: Lane; x: number; y: number; brush: Brush } | null {
    const height = this.#size('--row');
    const down = clientY - this.#space.getBoundingClientRect().top;
    const lane = this.#lanes[Math.floor(down / height)];
    if (lane === undefined) return null;
    const brush = this.#brush();
    const x = clientX - this.#axis.getBoundingClientRect().left;
    return { lane, x, y: (down % height) - (height - brush.height), brush };
  }

  /** The selected item. */
  get selected(): Item | null {
    return this.#selected;
  }

  /** Selects an item, scrolls it into view and announces it. */
  select(item: Item, open: boolean): void {
    this.#selected = item;
    this.#tell(item);
    const top = this.#laneOf(item) * this.#size('--row');
    const bottom = top + this.#size('--row') - this.box.clientHeight;
    this.box.scrollTop = Math.max(Math.min(this.box.scrollTop, top), bottom);
    this.#look(reveal(this.#view, item.before, this.options.bounds));
    this.options.onSelect(item, open);
  }

  /** Selects the item `by` places later in the lane (negative: earlier); with nothing selected, the newest item of all. */
  step(by: number): void {
    const lane = this.#lanes[this.#selected === null ? 0 : this.#laneOf(this.#selected)];
    if (lane === undefined) return;
    const at = this.#selected === null ? lane.items.length - 1 : lane.items.indexOf(this.#selected) + by;
    this.select(lane.items[Math.min(Math.max(at, 0), lane.items.length - 1)]!, false);
  }

  /** Selects the item nearest in time in the lane `by` further down. */
  stepLanes(by: number): void {
    const { before } = this.#selected ?? {};
    if (this.#selected === null || before === undefined) {
      this.step(0);
      return;
    }
    const at = Math.min(Math.max(this.#laneOf(this.#selected) + by, 0), this.#lanes.length - 1);
    const away = (item: Item) => Math.abs(item.before - before);
    const [first, ...others] = this.#lanes[at]?.items ?? [];
    if (first === undefined) return;
    this.select(
      others.reduce((best, item) => (away(item) < away(best) ? item : best), first),
      false,
    );
  }

  #look(view: Span): void {
    this.#view = view;
    for (const row of this.#rows.values()) row.isDrawn = false;
    this.#render();
  }

  /** Creates and draws the rows that are in view, before the next frame. */
  readonly #render = eachFrame(() => {
    const height = this.#size('--row');
    const { scrollTop, clientHeight } = this.box;
    const first = Math.max(0, Math.floor(scrollTop / height) - OVERSCAN);
    const last = Math.min(this.#lanes.length - 1, Math.ceil((scrollTop + clientHeight) / height) + OVERSCAN);
    const free = [...this.#rows].filter(([at]) => at < first || at > last);
    for (const [at] of free) this.#rows.delete(at);
    const brush = this.#brush();
    for (let at = first; at <= last; at++) {
      let row = this.#rows.get(at);
      if (row === undefined) {
        row = free.pop()?.[1] ?? this.#spare.pop() ?? new Row(this.#space);
        this.#rows.set(at, row);
        row.show(this.#lanes[at]!, at * height);
      }
      if (!row.isDrawn) row.draw(brush);
    }
    for (const row of [...this.#spare, ...free.map(([, one]) => one)]) row.element.remove();
    this.#spare = [];
    this.#drawnWidth = this.box.clientWidth;
    this.#drawAxis(brush);
    this.#placeCurrent(brush, height);
  });

  #brush(): Brush {
    const { zone, colours, colourOf } = this.options;
    const width = Math.max(1, this.#axis.clientWidth);
    const marks = ticks(this.#view, width, zone);
    return { view: this.#view, width, height: this.#size('--bar'), marks, colours, colourOf };
  }

  /** A length defined in the style sheet (pixels). */
  #size(variable: '--row' | '--bar'): number {
    return Number.parseFloat(getComputedStyle(this.box).getPropertyValue(variable));
  }

  #drawAxis(brush: Brush): void {
    this.#axis.replaceChildren(
      ...brush.marks.map(({ at, label, isDay }) => {
        const mark = el('span', { class: isDay ? 'mark day' : 'mark' }, label);
        mark.style.left = `${place(at, brush)}px`;
        return mark;
      }),
    );
  }

  #placeCurrent(brush: Brush, height: number): void {
    const item = this.#selected;
    this.#tell(item);
    if (item === null) return;
    const [start, end] = [item.after, item.before].map(at =>
      Math.min(Math.max(place(at, brush), 0), brush.width),
    );
    Object.assign(this.#current.style, {
      top: `${(this.#laneOf(item) + 1) * height - brush.height}px`,
      left: `${this.#axis.offsetLeft + start! - 8}px`,
      width: `${end! - start! + 16}px`,
    });
  }

  /** Announces the selected item to screen readers. */
  #tell(item: Item | null): void {
    this.#current.hidden = item === null;
    if (item === null) {
      this.box.removeAttribute('aria-activedescendant');
      return;
    }
    this.box.setAttribute('aria-activedescendant', 'current');
    const text = this.options.describe(item);
    if (this.#current.textContent !== text) this.#current.textContent = text;
  }

  #laneOf(item: Item): number {
    return this.#lanes.findIndex(lane => lane.resource === item.resource && lane.items.includes(item));
  }
}
