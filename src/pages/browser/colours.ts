/** Colours of the style sheet for a canvas, looked up again when light and dark change. */
export class Colours {
  readonly #known = new Map<string, string>();
  readonly #probe = document.createElement('span');

  constructor() {
    this.#probe.hidden = true;
    document.body.append(this.#probe);
  }

  /** The colour of a style variable such as `--author-1`. */
  of(variable: string): string {
    const known = this.#known.get(variable);
    if (known !== undefined) return known;
    this.#probe.style.color = `var(${variable})`;
    const { color } = getComputedStyle(this.#probe);
    this.#known.set(variable, color);
    return color;
  }

  /** Light and dark, or the host's colours, have changed. */
  forget(): void {
    this.#known.clear();
  }
}
