/** The last line of a terminal, which is drawn again and again and leaves no trace. */
export interface LiveLine {
  show(text: string): void;
  /** Takes it away, before anything else is written. */
  clear(): void;
  /** Columns there are. */
  width(): number;
}

/** What of a stream such a line needs; a terminal's own has all of it. */
interface Terminal {
  isTTY: boolean;
  columns: number;
  write(text: string): unknown;
}

/** The last line of a stream; null where it is no terminal that can take a line back. */
export function liveLine(stream: Terminal, env: NodeJS.ProcessEnv): LiveLine | null {
  if (!stream.isTTY || env['TERM'] === 'dumb') return null;
  let shown = '';
  const draw = (text: string) => {
    if (text !== shown) stream.write(`\r\u001b[K${text}`);
    shown = text;
  };
  // A line as wide as the terminal would begin a second one.
  return { show: draw, clear: () => draw(''), width: () => stream.columns - 1 };
}
