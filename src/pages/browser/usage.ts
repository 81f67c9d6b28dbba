import type { Provenance, UsageRow } from '../facts.ts';
import { shortTimeText } from '../timeline/scale.ts';
import { el } from './dom.ts';
import { dress, Host, reportSize, type ToolResult } from './host.ts';
import { usageCards } from './usage-cards.ts';

/*
 * Usage as hosts draw it: the answer that a model got holds letters for lines; the points behind them are asked for, where
 * the host passes calls on.
 */

const main = document.querySelector('main')!;
const stage = el('section', { 'aria-label': 'Usage' });
const note = el('p', { class: 'status', role: 'status' }, 'Waiting for the answer …');
main.replaceChildren(stage, note);
document.body.classList.add('app');

let asked: { [argument: string]: unknown } = {};

const host = new Host({
  context: dress,
  input: args => {
    asked = args;
  },
  result: result => void show(result),
  cancelled: why => say(`The call was cancelled${why === '' ? '.' : `: ${why}`}`),
});
reportSize(host);
host.connect().catch(error => say(`The host did not answer: ${(error as Error).message}`));

interface Answer extends Provenance {
  usage?: UsageRow[];
  hint?: string;
}

function say(text: string): void {
  note.textContent = text;
  note.hidden = text === '';
}

async function show(result: ToolResult): Promise<void> {
  if (result.isError || result.structuredContent === undefined) {
    stage.replaceChildren();
    say(result.content?.find(({ text }) => text !== undefined)?.text ?? 'The call failed.');
    return;
  }
  draw(result.structuredContent);
  if (asked['detail'] === 'full' || !host.callsTools) return;
  try {
    const whole = (await host.ask('tools/call', {
      name: 'show_usage',
      arguments: { ...asked, detail: 'full' },
    })) as ToolResult;
    if (!whole.isError && whole.structuredContent !== undefined) draw(whole.structuredContent);
  } catch (error) {
    say(`Only what the answer holds is shown: ${(error as Error).message}`);
  }
}

function draw({ usage = [], stale, hint }: Answer): void {
  // Times are written in the server's zone, so each carries its offset.
  const offset = /[+-]\d\d:\d\d$/.exec(usage.find(({ points }) => points)?.points?.[0]?.[0] ?? '')?.[0];
  stage.replaceChildren(usageCards(usage, shortTimeText(offset ?? 'UTC')));
  say(
    [stale?.reason !== undefined && `Proxmox could not be reached: ${stale.reason}`, hint]
      .filter(Boolean)
      .join(' '),
  );
}
