import { pad } from './cells.ts';

const EIGHTHS = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/** Lines of a chart. */
const HEIGHT = 6;

/**
 * Values as columns of blocks that start at 0, as many as fit into `width`, next to the value of a full column. A gap is an empty
 * column, and any value shows at least the lowest block.
 */
export function chart(values: readonly (number | null)[], width: number): string[] {
  const max = Math.max(0, ...values.filter(value => value !== null));
  const marks = Array.from({ length: HEIGHT }, (_, row) =>
    row === 0 ? String(max) : row === HEIGHT - 1 ? '0' : '',
  );
  const gutter = Math.max(...marks.map(mark => mark.length));
  const shown = values.slice(-Math.max(1, width - gutter - 1));
  return marks.map((mark, row) => {
    const columns = shown.map(value => (value === null ? ' ' : block(value, max, HEIGHT - 1 - row)));
    return `${pad(mark, gutter, 'right')} ${columns.join('')}`.trimEnd();
  });
}

/** The part of a column in one line, counted from the bottom. */
function block(value: number, max: number, above: number): string {
  const filled = max === 0 ? 0 : Math.round((value / max) * HEIGHT * 8);
  const eighths = Math.min(8, Math.max(above === 0 ? 1 : 0, filled - above * 8));
  return EIGHTHS[eighths]!;
}
