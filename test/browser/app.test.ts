import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectClient, DRAWS } from '../support/apps-client.ts';
import { startWorld, type World } from '../support/program.ts';
import { openPage, startBrowser } from './browser.ts';

/* The built server's own pages and answers in a small host: test/browser/host.html. */

const HOST = pathToFileURL(fileURLToPath(new URL('host.html', import.meta.url))).href;

let world: World;
let client: Client;
let browser: Browser;
beforeAll(async () => {
  world = await startWorld({ guests: 30 });
  client = await connectClient(world.env, DRAWS);
  browser = await startBrowser();
  await call('discover');
  // Changes with authors, one of them with a note that is markup.
  const cluster = world.sim.world;
  const [first, second] = cluster.find({ type: 'qemu', template: false, status: 'stopped' });
  cluster.editConfig(first!, { memory: '3072' }, { user: 'ann@pve', task: true });
  cluster.editConfig(
    second!,
    { description: '<img src=x onerror=alert(1)>' },
    { user: 'bob@pve', task: true },
  );
  await call('discover', { deep: true });
});
afterAll(async () => {
  await browser?.close();
  await client?.close();
  await world?.close();
});

const call = (name: string, args: object = {}) =>
  client.callTool({ name, arguments: { ...args } }) as Promise<CallToolResult>;

/** Draws a tool's page around its answer, as a host does. */
async function draw(tool: string, args: object, { passesCalls = true, theme = 'light' } = {}) {
  const { tools } = await client.listTools();
  const { resourceUri } = (tools.find(({ name }) => name === tool)!._meta as { ui: { resourceUri: string } })
    .ui;
  const { contents } = await client.readResource({ uri: resourceUri });
  const watched = await openPage(browser, HOST);
  const { page } = watched;
  const answers: CallToolResult[] = [];
  await page.exposeFunction(
    'callTool',
    async ({ name, arguments: given }: { name: string; arguments: object }) => {
      const answer = await call(name, given);
      answers.push(answer);
      return answer;
    },
  );
  const app = {
    html: (contents[0] as { text: string }).text,
    input: args,
    result: await call(tool, args),
    capabilities: passesCalls ? { serverTools: {} } : {},
    context: {
      theme,
      displayMode: 'inline',
      availableDisplayModes: ['inline', 'fullscreen'],
      containerDimensions: { maxHeight: 600 },
    },
  };
  await page.evaluate(`draw(${JSON.stringify(app)})`);
  const frame = page.frameLocator('iframe');
  const heard = (method: string) =>
    page.evaluate(`heard.filter(one => one.method === ${JSON.stringify(method)})`) as Promise<
      { params: { arguments: object; height: number } }[]
    >;
  return { ...watched, frame, heard, answers, status: () => frame.locator('.status').first().textContent() };
}

describe('usage in a host', () => {
  test('draws each answer with the points behind it, and with letters where there are none', async () => {
    const { page, frame, heard, expectQuiet } = await draw('show_usage', { top: 3, metric: 'memory' });
    await expect.poll(() => frame.getByRole('img').count()).toBe(3);
    expect((await heard('tools/call'))[0]!.params).toEqual({
      name: 'show_usage',
      arguments: { top: 3, metric: 'memory', detail: 'full' },
    });
    expect(await frame.getByRole('img').first().getAttribute('aria-label')).toMatch(
      /^memory of (?:vm|container)\/\d+ from .* max .* GiB$/,
    );
    expect(await frame.locator('svg path.line').count()).toBeGreaterThanOrEqual(3);
    expectQuiet();
    await page.close();
    const alone = await draw(
      'show_usage',
      { top: 2, type: 'storage' },
      { passesCalls: false, theme: 'dark' },
    );
    await expect.poll(() => alone.frame.locator('.spark').count()).toBe(2);
    expect(await alone.frame.locator('article').first().textContent()).toMatch(/storage\/.*GiB/);
    alone.expectQuiet();
    await alone.page.close();
  });
});

describe('the timeline in a host', () => {
  test('draws an answer of show_history, then all of the history, and tells its size', async () => {
    const { page, frame, heard, answers, status, expectQuiet } = await draw('show_history', {
      since: '7d',
      limit: 3,
    });
    await expect.poll(() => answers).toHaveLength(1);
    expect(await heard('tools/call')).toHaveLength(1);
    expect((await heard('tools/call'))[0]!.params).toEqual({
      name: 'timeline_facts',
      arguments: { since: '7d' },
    });
    // Another question may find that the cluster has gone on, which this page is not told.
    const { total } = answers[0]!.structuredContent as { total: number };
    expect(total).toBeGreaterThan(3);
    await expect
      .poll(async () =>
        (await status())!
          .match(/\d+/g)!
          .slice(0, 2)
          .reduce((sum, one) => sum + Number(one), 0),
      )
      .toBe(total);
    const [greeting] = await heard('ui/initialize');
    expect(greeting!.params).toMatchObject({
      protocolVersion: '2026-01-26',
      appCapabilities: { availableDisplayModes: ['inline', 'fullscreen'] },
    });
    const sizes = await heard('ui/notifications/size-changed');
    expect(sizes.at(-1)!.params.height).toBeGreaterThan(200);
    expect(sizes.at(-1)!.params.height).toBeLessThanOrEqual(600);
    await frame.getByRole('searchbox').fill('ann@pve memory');
    await expect.poll(status).toMatch(/^1 change /);
    await frame.getByRole('listbox').focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    const rows = frame.getByRole('region', { name: 'Details' }).getByRole('row');
    expect((await rows.allTextContents()).at(-1)).toContain('3072');
    expectQuiet();
    await page.close();
  });

  test('without calls it draws what the answer holds, and a net difference with the tasks behind it', async () => {
    const alone = await draw('diff_state', { from: '7d' }, { passesCalls: false });
    await expect.poll(alone.status).toMatch(/^\d+ changes and 0 tasks/);
    expect(await alone.heard('tools/call')).toEqual([]);
    alone.expectQuiet();
    await alone.page.close();
    const { page, frame, status, expectQuiet } = await draw('diff_state', { from: '7d' });
    await expect.poll(status).toMatch(/ and [1-9]\d* tasks? /);
    await frame.getByRole('searchbox').fill('bob@pve');
    await frame.getByRole('listbox').focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await expect.poll(() => frame.locator('body').textContent()).toContain('bob@pve');
    expect(await frame.locator('main img, main a, main script').count()).toBe(0);
    expectQuiet();
    await page.close();
  });

  test('follows the host from dark to light, and offers the whole window', async () => {
    const { page, frame, heard, expectQuiet } = await draw(
      'show_history',
      { since: '7d' },
      { theme: 'dark' },
    );
    await frame.locator('.lane').first().waitFor();
    const ground = () => frame.locator('body').evaluate('getComputedStyle(document.body).backgroundColor');
    expect(await ground()).toBe('rgb(20, 24, 29)');
    const styles = {
      variables: { '--color-background-primary': 'light-dark(#fffff0, #000)', position: 'fixed' },
    };
    await page.evaluate(
      `notify('ui/notifications/host-context-changed', ${JSON.stringify({ theme: 'light', styles })})`,
    );
    await expect.poll(ground).toBe('rgb(255, 255, 240)');
    await frame.getByRole('button', { name: 'Use the whole window' }).click();
    await expect
      .poll(() => heard('ui/request-display-mode'))
      .toMatchObject([{ params: { mode: 'fullscreen' } }]);
    await page.evaluate("send({ id: 'end', method: 'ui/resource-teardown', params: { reason: 'test' } })");
    await expect
      .poll(() => page.evaluate("heard.find(one => one.id === 'end')"))
      .toMatchObject({ result: {} });
    expectQuiet();
    await page.close();
  });

  test('says what failed, compares two, and shows drift: no answer leaves it empty', async () => {
    const failed = await draw('show_history', { since: 'whenever' });
    await expect
      .poll(() => failed.frame.locator('body').textContent())
      .toContain('"whenever" is not a moment');
    failed.expectQuiet();
    await failed.page.close();
    const [one, other] = world.sim.world.find({ type: 'qemu', template: false });
    const two = await draw('diff_state', { resource: `vm/${one}`, with: `vm/${other}` });
    await expect
      .poll(() => two.frame.getByRole('columnheader').allTextContents())
      .toEqual(['Field', `vm/${one}`, `vm/${other}`]);
    two.expectQuiet();
    await two.page.close();
    const drift = await draw('diff_state', { from: 'declared' });
    await expect.poll(() => drift.frame.locator('body').textContent()).toContain('Nothing is declared yet');
    drift.expectQuiet();
    await drift.page.close();
    const nothing = await draw('show_history', { since: '1s' });
    await expect.poll(() => nothing.frame.locator('body').textContent()).toContain('Nothing');
    nothing.expectQuiet();
    await nothing.page.close();
  });
});
