import type { HistoryRow, TimelineFacts } from '../facts.ts';
import { plain } from '../timeline/model.ts';
import { button, el } from './dom.ts';
import { driftTable, table } from './drift.ts';
import { dress, Host, type HostContext, reportSize, type ToolResult } from './host.ts';
import { noFilter, showTimeline } from './show-timeline.ts';
import { followTheme } from './theme.ts';

/*
 * The timeline as hosts draw it: first the answer that a model got, at once; then, where the host passes calls on, all of
 * the history behind it.
 */

const main = document.querySelector('main')!;
const stage = el('section', { class: 'timeline', 'aria-label': 'Timeline' });
const note = el('p', { class: 'status', role: 'status' }, 'Waiting for the answer …');
const screen = button('Use the whole window', '⤢', () => void wholeWindow(), {
  class: 'whole',
  hidden: true,
});
main.replaceChildren(screen, stage, note);
document.body.classList.add('app');

let asked: { [argument: string]: unknown } = {};
let forget = () => {};
let mode = 'inline';
/** Shared by both views, so that the user's filter survives the arrival of the whole history. */
const filter = noFilter();

const host = new Host({
  context: context => {
    dress(context);
    offerWindow(context);
    forget();
  },
  input: args => {
    asked = args;
  },
  result: result => void show(result),
  cancelled: why => say(`The call was cancelled${why === '' ? '.' : `: ${why}`}`),
});
followTheme(() => forget());
reportSize(host);
host.connect().catch(error => say(`The host did not answer: ${(error as Error).message}`));

function say(text: string): void {
  note.textContent = text;
  note.hidden = text === '';
}

async function show(result: ToolResult): Promise<void> {
  const facts = (result.structuredContent ?? {}) as Answer;
  if (result.isError || result.structuredContent === undefined) {
    stage.replaceChildren();
    say(result.content?.find(({ text }) => text !== undefined)?.text ?? 'The call failed.');
    return;
  }
  say('');
  if (facts.differences !== undefined) return void stage.replaceChildren(differences(facts.differences));
  if (facts.from === 'declared' || facts.to === 'declared')
    return void stage.replaceChildren(driftTable(facts.changes ?? [], facts.total ?? 0, facts.hint));
  forget = showTimeline(stage, facts, filter);
  // For a single field or the declaration, the answer already holds everything.
  const isNarrow = asked['field'] !== undefined || asked['type'] === 'declaration';
  if (!host.callsTools || asked['cursor'] !== undefined || isNarrow) return;
  await showAll(facts).catch(error =>
    say(`Only what the answer holds is shown: ${(error as Error).message}`),
  );
}

interface Answer extends TimelineFacts {
  differences?: { path: string; left: unknown; right: unknown }[];
}

/** Shows the whole history of the query; for a net difference, the individual changes together with the tasks of that time. */
async function showAll(answer: Answer): Promise<void> {
  const { cluster, resource, type, node, user, since = asked['from'], until = asked['to'] } = asked;
  const isNet = answer.changes !== undefined;
  const span = isNet ? { since: answer.from, until: answer.to } : { since, until };
  const args = Object.entries({ cluster, resource, type, node, user, ...span }).filter(
    ([, value]) => value !== undefined,
  );
  const whole = (await host.ask('tools/call', {
    name: 'timeline_facts',
    arguments: Object.fromEntries(args),
  })) as ToolResult;
  if (whole.isError) throw new Error(whole.content?.[0]?.text ?? 'the call failed');
  const facts = whole.structuredContent as TimelineFacts;
  const isTask = ({ task }: HistoryRow) => task !== undefined;
  const history = isNet
    ? [...(answer.changes ?? []), ...(facts.history ?? []).filter(isTask)]
    : facts.history;
  const total = isNet ? (answer.total ?? 0) + (history?.filter(isTask).length ?? 0) : facts.total;
  forget = showTimeline(
    stage,
    { ...facts, history: history ?? [], ...(total !== undefined && { total }) },
    filter,
  );
}

function differences(rows: NonNullable<Answer['differences']>): HTMLElement {
  const [left, right] = [asked['resource'], asked['with']].map(plain);
  const lines = rows.map(one =>
    el(
      'tr',
      {},
      el('th', { scope: 'row' }, one.path),
      el('td', {}, plain(one.left)),
      el('td', {}, plain(one.right)),
    ),
  );
  return el('div', { class: 'scroll' }, table(['Field', left!, right!], lines));
}

function offerWindow({ availableDisplayModes = [], displayMode = 'inline' }: HostContext): void {
  mode = displayMode;
  screen.hidden = !availableDisplayModes.includes('fullscreen');
}

async function wholeWindow(): Promise<void> {
  await host
    .ask('ui/request-display-mode', { mode: mode === 'fullscreen' ? 'inline' : 'fullscreen' })
    .catch(() => {});
}
