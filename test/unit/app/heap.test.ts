import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const heap = fileURLToPath(new URL('../../../src/app/heap.ts', import.meta.url));

/** Room for new objects (MB) of a process that always keeps the last of very many. */
async function roomAfter(prelude: string): Promise<number> {
  const program = `
    import { setImmediate } from 'node:timers/promises';
    import { getHeapSpaceStatistics } from 'node:v8';
    import { keepHeapSmall } from ${JSON.stringify(heap)};
    ${prelude}
    const kept = [];
    for (let round = 0; round < 150; round++) {
      kept[round % 30] = Array.from({ length: 20_000 }, (_, at) => ({ round, at }));
      await setImmediate();
    }
    console.log(getHeapSpaceStatistics().find(space => space.space_name === 'new_space').space_size / 2 ** 20);`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program]);
  return Number(stdout);
}

test('the room for new objects ends at 32 MB, where V8 would let it grow on', async () => {
  const [plain, small] = await Promise.all([roomAfter(''), roomAfter('keepHeapSmall();')]);
  expect(plain).toBeGreaterThan(32);
  expect(small).toBeLessThanOrEqual(32);
  expect(small).toBeGreaterThan(8);
});
