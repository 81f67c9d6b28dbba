import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { withFacts } from '../src/pages/html.ts';
import { startBrowser } from '../test/browser/browser.ts';
import { madeUp } from '../test/browser/facts.ts';
import type { Benchmark } from './support/report.ts';
import { median, minimum } from './support/stats.ts';

const REPORT = fileURLToPath(new URL('../dist/pages/report.html', import.meta.url));
/** A month of so many lanes and changes is to be seen so soon after its data (ms). */
const MONTH = { lanes: 40, changes: 2_000 };
const TARGET_MS = 300;

/** A page from its data to its first picture, in a real browser, beside one of a word and one of an empty report. */
export const pages: Benchmark = {
  name: 'pages',
  title: 'Pages',
  async run({ full }) {
    const rounds = full ? 15 : 7;
    const template = await readFile(REPORT, 'utf8');
    const folder = await mkdtemp(join(tmpdir(), 'proxmox-mpc-pages-'));
    const browser = await startBrowser();
    try {
      const drawn = async (name: string, text: string) => {
        const file = join(folder, `${name}.html`);
        await writeFile(file, text);
        const samples: number[] = [];
        for (let round = 0; round < rounds; round++) samples.push(await firstPicture(browser, file));
        return samples;
      };
      const word = await drawn('word', '<!doctype html><title>a word</title><p>word');
      const empty = await drawn('empty', withFacts(template, madeUp(1, 1)));
      const month = await drawn('month', withFacts(template, madeUp(MONTH.lanes, MONTH.changes)));
      const most = await drawn('most', withFacts(template, madeUp(1_000, 5_000)));
      const row = (what: string, samples: number[]) => [what, median(samples), minimum(samples)];
      return {
        tables: [
          {
            title: 'From the last byte of a page to its first picture (ms)',
            columns: ['what', 'median', 'least'],
            rows: [
              row('a page of one word', word),
              row('a report of one change', empty),
              row(`a month: ${MONTH.lanes} lanes, ${MONTH.changes} changes`, month),
              row('1,000 lanes, 5,000 changes', most),
            ],
          },
        ],
        checks: [{ what: 'a month is seen', value: median(month), target: TARGET_MS, unit: 'ms' }],
      };
    } finally {
      await browser.close();
      await rm(folder, { recursive: true, force: true });
    }
  },
};

/** Milliseconds from the end of a page's arrival to the first paint that has something in it. */
async function firstPicture(browser: Browser, file: string): Promise<number> {
  const page = await browser.newPage({ viewport: { width: 1_300, height: 900 } });
  try {
    await page.goto(pathToFileURL(file).href);
    return await page.evaluate<number>(FIRST_PICTURE);
  } finally {
    await page.close();
  }
}

const FIRST_PICTURE = `new Promise(resolve => {
  const [{ responseEnd }] = performance.getEntriesByType('navigation');
  new PerformanceObserver(list => {
    const paint = list.getEntries().find(({ name }) => name === 'first-contentful-paint');
    if (paint) resolve(paint.startTime - responseEnd);
  }).observe({ type: 'paint', buffered: true });
})`;
