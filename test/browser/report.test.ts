import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ReportFacts } from '../../src/pages/facts.ts';
import { withFacts } from '../../src/pages/html.ts';
import { ROOT } from '../support/program.ts';
import { openPage, startBrowser } from './browser.ts';
import { HOSTILE, madeUp } from './facts.ts';

let browser: Browser;
let folder: string;
let template: string;
beforeAll(async () => {
  template = await readFile(join(ROOT, 'dist', 'pages', 'report.html'), 'utf8');
  folder = await mkdtemp(join(tmpdir(), 'proxmox-mpc-pages-'));
  browser = await startBrowser();
});
afterAll(async () => {
  await browser?.close();
  if (folder) await rm(folder, { recursive: true, force: true });
});

/** Opens a report on these facts, the way a person opens the file. */
async function open(facts: ReportFacts, options = {}) {
  const file = join(folder, `${Math.random()}.html`);
  await writeFile(file, withFacts(template, facts));
  return openPage(browser, pathToFileURL(file).href, options);
}

const names = (page: Page) => page.locator('.lane-name b').allTextContents();
const option = (page: Page) => page.getByRole('option').textContent();

describe('a report in a browser', () => {
  test('shows what happened, what is wrong and what drifted, silently', async () => {
    const { page, expectQuiet } = await open(madeUp(40, 2_000));
    expect(await page.title()).toBe('prod-west, Thu 29 Oct 2026, 21:00:00 to Sat 28 Nov 2026, 21:00:00');
    await expect
      .poll(() => page.locator('.status').textContent())
      .toContain('2,000 changes and 400 tasks of 40 resources');
    expect((await names(page)).length).toBeGreaterThan(20);
    expect(await page.locator('.findings summary').allTextContents()).toEqual([
      'criticalnode-offlinenode/pve3',
      'warningstorage-fillingstorage/local-zfs',
      'infosnapshot-oldvm/102',
    ]);
    expect(await page.getByRole('row', { name: 'vm/104 web-4' }).textContent()).toContain(
      'memory_mib409616drifted',
    );
    expectQuiet();
    await page.close();
  });

  test('the keyboard reaches every change, and a screen reader is told of it', async () => {
    const { page, expectQuiet } = await open(madeUp(40, 400));
    const box = page.getByRole('listbox', { name: 'Timeline' });
    await box.focus();
    await page.keyboard.press('ArrowRight');
    const newest = await option(page);
    expect(newest).toMatch(/^vm\/\d+ web-\d+ · /);
    expect(await box.getAttribute('aria-activedescendant')).toBe('current');
    await page.keyboard.press('ArrowLeft');
    expect(await option(page)).not.toBe(newest);
    await page.keyboard.press('ArrowRight');
    expect(await option(page)).toBe(newest);
    await page.keyboard.press('ArrowDown');
    expect((await option(page))!.split(' · ')[0]).not.toBe(newest!.split(' · ')[0]);
    for (let at = 0; at < 6; at++) await page.keyboard.press('PageDown');
    const lowest = (await option(page))!.split(' ')[0]!;
    expect(await names(page)).toContain(lowest);
    await page.keyboard.press('Enter');
    const details = page.getByRole('region', { name: 'Details' });
    expect(await details.getByRole('heading').textContent()).toContain(lowest);
    expect(await page.evaluate('document.activeElement.tagName')).toBe('H3');
    await page.keyboard.press('Escape');
    expect(await details.isVisible()).toBe(false);
    expect(await page.evaluate('document.activeElement.className')).toBe('lanes');
    expectQuiet();
    await page.close();
  });

  test('a click on a mark shows its fields, before and after', async () => {
    const { page, expectQuiet } = await open(oneChange());
    const canvas = page.locator('.lane canvas');
    const { width } = (await canvas.boundingBox())!;
    // The change was seen half way through the span, which has 2 % of room on both sides.
    await canvas.click({ position: { x: width / 2, y: 12 } });
    const details = page.getByRole('region', { name: 'Details' });
    expect(await details.getByRole('row').allTextContents()).toEqual([
      'FieldBeforeAfter',
      'memory_mib20484096',
    ]);
    expect(await details.locator('dl').textContent()).toContain('qmconfig of ann@pve');
    expect(await page.getByRole('option').count()).toBe(1);
    await canvas.click({ position: { x: width * 0.1, y: 12 } });
    expect(await details.getByRole('row').count()).toBe(2);
    expectQuiet();
    await page.close();
  });

  test('wheel, keys and buttons zoom; dragging moves', async () => {
    const { page, expectQuiet } = await open(madeUp(5, 100));
    const marks = () => page.locator('.mark').allTextContents();
    const all = await marks();
    await page.locator('.axis-marks').hover();
    await page.mouse.wheel(0, -1500);
    await expect.poll(marks).not.toEqual(all);
    const near = await marks();
    const frame = (await page.locator('.lanes').boundingBox())!;
    await page.mouse.move(frame.x + 600, frame.y + 40);
    await page.mouse.down();
    await page.mouse.move(frame.x + 900, frame.y + 40, { steps: 5 });
    await page.mouse.up();
    await expect.poll(marks).not.toEqual(near);
    expect(await page.getByRole('region', { name: 'Details' }).isVisible()).toBe(false);
    await page.getByRole('button', { name: 'Show all of the time' }).click();
    await expect.poll(marks).toEqual(all);
    await page.locator('.lanes').focus();
    for (let at = 0; at < 8; at++) await page.keyboard.press('+');
    await expect.poll(async () => (await marks()).some(text => /^\d\d:\d\d$/.test(text))).toBe(true);
    await page.keyboard.press('0');
    await expect.poll(marks).toEqual(all);
    expectQuiet();
    await page.close();
  });

  test('filters by words, people and tasks', async () => {
    const { page, expectQuiet } = await open(madeUp(40, 400));
    const status = page.locator('.status');
    await page.getByRole('searchbox').fill('vm/104');
    await expect.poll(() => status.textContent()).toMatch(/of 1 resource,/);
    await expect.poll(() => names(page)).toEqual(['vm/104']);
    await page.getByRole('searchbox').fill('');
    await page.getByRole('checkbox', { name: 'tasks' }).uncheck();
    await expect.poll(() => status.textContent()).toMatch(/^400 changes and 0 tasks/);
    const ann = page.getByRole('button', { name: 'ann@pve' });
    const much = Number(await ann.locator('small').textContent());
    await page.getByRole('checkbox', { name: 'tasks' }).check();
    await ann.click();
    expect(await ann.getAttribute('aria-pressed')).toBe('true');
    const [changes, tasks] = (await status.textContent())!.match(/\d+/g)!.map(Number);
    expect(changes! + tasks!).toBe(much);
    await ann.click();
    await expect.poll(() => status.textContent()).toMatch(/^400 changes and 80 tasks/);
    expectQuiet();
    await page.close();
  });

  test('5,000 changes in 1,000 lanes: no frame of a long scroll shows an undrawn lane, and each lane is drawn once', async () => {
    const { page, expectQuiet } = await open(madeUp(1_000, 5_000));
    await page.locator('.lane').first().waitFor();
    const seen = await page.evaluate<Scrolled>(SCROLL);
    expect(seen.moved).toBe(120 * 4 * 30);
    expect(seen.blank).toBe(0);
    expect(seen.drawn).toBeLessThanOrEqual(120 * 4 + 10);
    expect(seen.most).toBeLessThan(50);
    expectQuiet();
    await page.close();
  });

  test('whatever the cluster calls its things, it is text', async () => {
    const { page, expectQuiet } = await open(hostile(madeUp(3, 20)) as ReportFacts);
    await page.locator('.lanes').focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe(HOSTILE);
    expect(await page.locator('.lane-name b').first().textContent()).toBe(HOSTILE);
    expect(await page.getByRole('region', { name: 'Details' }).textContent()).toContain(HOSTILE);
    expect(await page.locator('img, a, iframe, main script, [onerror]').count()).toBe(0);
    expectQuiet();
    await page.close();
  });

  test('follows light and dark, also while it is open', async () => {
    const { page, expectQuiet } = await open(oneChange(), { colorScheme: 'light' });
    const colours = () => page.evaluate(COLOURS);
    await expect.poll(colours).toEqual(['rgb(255, 255, 255)', '0 114 178']);
    await page.emulateMedia({ colorScheme: 'dark' });
    await expect.poll(colours).toEqual(['rgb(20, 24, 29)', '92 184 240']);
    expectQuiet();
    await page.close();
  });

  test('fits a telephone: nothing is wider than the window', async () => {
    const { page, expectQuiet } = await open(madeUp(40, 400), { viewport: { width: 380, height: 700 } });
    await page.locator('.lane').first().waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(380);
    expectQuiet();
    await page.close();
  });
});

/** One change in the middle of a month. */
function oneChange(): ReportFacts {
  const facts = madeUp(1, 0);
  const middle = new Date((Date.parse(facts.from) + Date.parse(facts.to)) / 2).toISOString();
  const fields = [{ path: 'memory_mib', from: 2048, to: 4096 }];
  const causes = [{ type: 'qmconfig', user: 'ann@pve', status: 'OK', source: 'task' }];
  const window = { after: middle, before: middle };
  const history = [{ resource: 'vm/101', change: 'updated', at: middle, window, fields, causes }];
  return { ...facts, unseen: [], timeline: { ...facts.timeline, history, total: 1 } };
}

/** The same facts, every text of theirs hostile but those that are times or words of ours. */
function hostile(value: unknown, name = ''): unknown {
  if (typeof value === 'string')
    return /^(?:at|until|from|to|after|before|since|made_at|as_of|time_zone|task)$/.test(name)
      ? value
      : HOSTILE;
  if (Array.isArray(value)) return value.map(one => hostile(one, name));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, hostile(one, key)]));
}

/** What a long scroll did; it runs in the page. */
interface Scrolled {
  /** Places of lanes, in all frames together, where no lane stood. */
  blank: number;
  drawn: number;
  /** Rows in the page at most. */
  most: number;
  moved: number;
}

const SCROLL = `(async () => {
  const box = document.querySelector('.lanes');
  const height = 30;
  let drawn = 0;
  const clear = CanvasRenderingContext2D.prototype.clearRect;
  CanvasRenderingContext2D.prototype.clearRect = function (...area) {
    drawn++;
    clear.apply(this, area);
  };
  let blank = 0;
  let most = 0;
  for (let frame = 0; frame < 120; frame++) {
    box.scrollTop += 4 * height;
    // What is painted is what stands when the frame's own work is over.
    await new Promise(resolve => requestAnimationFrame(() => setTimeout(resolve)));
    const { top, bottom } = box.getBoundingClientRect();
    const rows = [...box.querySelectorAll('.lane')].map(row => row.getBoundingClientRect());
    most = Math.max(most, rows.length);
    for (let y = top + 1; y < bottom; y += height)
      if (!rows.some(row => row.top <= y && y <= row.bottom)) blank++;
  }
  return { blank, drawn, most, moved: box.scrollTop };
})()`;

/** The colour of the page, and of the mark in the middle of the one lane. */
const COLOURS = `(() => {
  const canvas = document.querySelector('canvas');
  const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d', { willReadFrequently: true });
  copy.drawImage(canvas, 0, 0);
  const pixels = copy.getImageData(0, 0, canvas.width, canvas.height).data;
  const mark = Math.floor(canvas.width * (12 * devicePixelRatio + 0.5)) * 4;
  return [getComputedStyle(document.body).backgroundColor, [...pixels.slice(mark, mark + 3)].join(' ')];
})()`;
