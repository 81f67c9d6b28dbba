import type { Lane } from '../timeline/model.ts';
import { el } from './dom.ts';
import { type Brush, drawLane } from './draw.ts';

/** One lane on the screen; reused for another lane once it scrolls out of view. */
export class Row {
  readonly element = el('div', { class: 'lane', 'aria-hidden': 'true' });
  readonly #id = el('b');
  readonly #name = el('span');
  readonly #canvas = el('canvas');
  #lane: Lane | null = null;
  isDrawn = false;

  constructor(space: HTMLElement) {
    this.element.append(el('div', { class: 'lane-name' }, this.#id, ' ', this.#name), this.#canvas);
    space.append(this.element);
  }

  show(lane: Lane, top: number): void {
    this.#lane = lane;
    this.isDrawn = false;
    this.#id.textContent = lane.resource;
    this.#name.textContent = lane.name;
    (this.element.firstElementChild as HTMLElement).title = `${lane.resource} ${lane.name}`;
    this.element.style.transform = `translateY(${top}px)`;
  }

  draw(brush: Brush): void {
    if (this.#lane !== null) drawLane(this.#canvas, this.#lane, brush);
    this.isDrawn = true;
  }
}
