import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { expect } from 'vitest';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];

/** The browser of this machine; `CHROMIUM` names another. @throws Error that says how to get one */
function executable(): string {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const places = process.env['CHROMIUM'] ?? NAMES.flatMap(name => folders.map(folder => join(folder, name)));
  for (const place of [places].flat()) {
    try {
      accessSync(place, constants.X_OK);
      return place;
    } catch {
      // Looked for in the next place.
    }
  }
  throw new Error(
    'No Chromium was found, and these tests need a real browser. On Debian and Ubuntu: apt-get install chromium. ' +
      'Elsewhere set CHROMIUM to the path of Chromium or Chrome.',
  );
}

/** Starts it without a window. Whoever asks closes it. */
export function startBrowser(): Promise<Browser> {
  // Continuous integration runs as root in containers, where Chromium's own sandbox does not start.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath: executable(), args });
}

/** A page, and what it did that none of ours may do. */
export interface Watched {
  page: Page;
  /** Errors, warnings and whatever else it said on its console, and dialogs it opened. */
  said: string[];
  /** Addresses it asked for beside its own. */
  asked: string[];
  /** Fails if it said or asked anything. */
  expectQuiet(): void;
}

/** Opens an address in a page of its own and watches it. */
export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<Watched> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, ...options });
  const said: string[] = [];
  const asked: string[] = [];
  page.on('console', message => said.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', error => said.push(String(error)));
  page.on('dialog', async dialog => {
    said.push(`dialog: ${dialog.message()}`);
    await dialog.dismiss();
  });
  page.on('request', request => {
    if (request.url() !== url) asked.push(request.url());
  });
  await page.goto(url);
  return { page, said, asked, expectQuiet: () => expect({ said, asked }).toEqual({ said: [], asked: [] }) };
}
