type Attributes = { [name: string]: string | number | boolean | undefined };
type Child = Node | string | null | undefined | false;

/** An element with attributes and children. Text is set as text, whatever it contains. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false)
      element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...children.filter(child => child !== null && child !== undefined && child !== false));
  return element;
}

/** A button with a label. */
export function button(
  label: string,
  text: string,
  act: () => void,
  attributes: Attributes = {},
): HTMLButtonElement {
  const element = el('button', { type: 'button', 'aria-label': label, title: label, ...attributes }, text);
  element.addEventListener('click', act);
  return element;
}

/** Makes a function that runs `work` once before the next frame, however often it is called. */
export function eachFrame(work: () => void): () => void {
  let isDue = false;
  return () => {
    if (isDue) return;
    isDue = true;
    requestAnimationFrame(() => {
      isDue = false;
      work();
    });
  };
}

/** A number with separators. */
export function count(value: number): string {
  // Loading the browser's own formats would take longer than everything else.
  return String(value).replace(/\B(?=(?:\d{3})+$)/g, ',');
}
