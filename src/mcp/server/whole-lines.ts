import type { Readable } from 'node:stream';

const LINE_END = Buffer.from('\n');

/**
 * The lines of a stream, each complete and with its end, the last one too. A line of more than `limit` bytes is skipped without
 * being held, and reported, so that one oversized message does not lose the others.
 */
export async function* wholeLines(
  input: Readable,
  { limit, tooLong }: { limit: number; tooLong: () => void },
): AsyncGenerator<Buffer> {
  let parts: Buffer[] = [];
  let size = 0;
  for await (const chunk of input as AsyncIterable<Buffer>) {
    for (let from = 0; from < chunk.length; ) {
      const end = chunk.indexOf(LINE_END, from) + 1;
      const part = chunk.subarray(from, end || chunk.length);
      from += part.length;
      size += part.length;
      if (size <= limit) parts.push(part);
      else parts = [];
      if (end === 0) continue;
      if (size <= limit) yield Buffer.concat(parts);
      else tooLong();
      parts = [];
      size = 0;
    }
  }
  if (size >= limit) tooLong();
  else if (size > 0) yield Buffer.concat([...parts, LINE_END]);
}
