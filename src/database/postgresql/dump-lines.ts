import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';

/** The longest line accepted (bytes). A row holds a few JSON values of at most 4,000,000 characters each. */
const LINE_AT_MOST = 64 * 1024 * 1024;
/**
 * How many times its size a dump may expand to: a store's JSON compresses to between a tenth and a thirtieth, and more is a bomb.
 */
const UNFOLDS_AT_MOST = 400;
/** Expansion up to this size is always allowed (bytes). */
const SMALL = 16 * 1024 * 1024;

/**
 * The lines of a gzipped text file, one at a time, in bounded memory whatever the file expands to.
 * @throws Error where it is no regular file, is damaged or cut short, or contains an endless line or endless data.
 */
export async function* gunzippedLines(file: string): AsyncGenerator<string> {
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) throw new Error('it is no regular file');
    const unzipped = createGunzip();
    const pumping = pipeline(handle.createReadStream({ autoClose: false, start: 0 }), unzipped).catch(
      () => {},
    );
    try {
      yield* linesOf(unzipped, Math.max(SMALL, stat.size * UNFOLDS_AT_MOST));
    } finally {
      unzipped.destroy();
      await pumping;
    }
  } finally {
    await handle.close();
  }
}

async function* linesOf(chunks: AsyncIterable<Buffer>, bytesAtMost: number): AsyncGenerator<string> {
  let parts: Buffer[] = [];
  let held = 0;
  let seen = 0;
  for await (const chunk of chunks) {
    seen += chunk.length;
    if (seen > bytesAtMost) throw new Error('it unfolds to far more than a store holds');
    let from = 0;
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, from)) {
      yield Buffer.concat([...parts, chunk.subarray(from, at)]).toString('utf8');
      parts = [];
      held = 0;
      from = at + 1;
    }
    parts.push(chunk.subarray(from));
    held += chunk.length - from;
    if (held > LINE_AT_MOST) throw new Error('one of its lines is too long');
  }
  if (held > 0) throw new Error('its last line is cut short');
}
