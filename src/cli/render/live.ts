/** The last line of a terminal, which is redrawn and leaves no trace. */
export interface LiveLine {
  show(text: string): void;
  /** Removes it, before anything else is written. */
  clear(): void;
  /** Available columns. */
  width(): number;
}

/** The parts of a stream that such a line needs, as a terminal's stream has them. */
interface Terminal {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

/** The last line of a stream; null unless it is a terminal that can erase a line. */
export function liveLine(stream: Terminal, env: NodeJS.ProcessEnv): LiveLine | null {
  if (!stream.isTTY || env['TERM'] === 'dumb') return null;
  let shown = '';
  const draw = (text: string) => {
    if (text !== shown) stream.write(`\r\u001b[K${text}`);
    shown = text;
  };
  // A line as wide as the terminal would wrap.
  return { show: draw, clear: () => draw(''), width: () => (stream.columns ?? 80) - 1 };
}
