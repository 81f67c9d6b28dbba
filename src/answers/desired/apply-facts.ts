import { RefusedError } from '../../mcp/define/refused.ts';
import type { ApplyRefusal, ApplyResult, RefusalCode, StepResult } from '../../model/applying.ts';
import { fitRows } from '../format/page.ts';
import { clusterText, stateValue } from '../format/text.ts';

/** Largest size of an answer's steps (bytes). */
const STEPS_AT_MOST = 12_000;
const REASONS_AT_MOST = 10;

const ANEW = 'Plan anew with plan_changes, and show the person what is different.';
const CONFIGURED =
  'Whoever runs this server decides that: leave it out of the plan, or hand its commands to a person.';

/** What to do about a refusal. */
const NEXT: { readonly [code in RefusalCode]: string } = {
  busy: 'Another plan is being carried out: ask again in a minute.',
  expired: ANEW,
  used: ANEW,
  'other-cluster': ANEW,
  moved: ANEW,
  'another-guest': ANEW,
  'no-quorum': 'Wait for the cluster to have quorum: get_cluster_status tells.',
  unread: 'Ask again when the cluster answers: get_cluster_status tells.',
  held: 'Wait for what holds the guest to end: list_tasks tells.',
  'too-many': 'Plan for fewer guests at a time: at most 25.',
  unsettled: 'An earlier write may still be at work: ask again in two minutes.',
  unrecorded: 'Mend the store first: what cannot be recorded is not sent.',
  never: 'Nothing allows that here. Leave it out of the plan.',
  waiting:
    'A person carries out what waits there, or takes it back (`qm set VMID --revert KEY`); then plan anew.',
  kind: CONFIGURED,
  scope: CONFIGURED,
  locked: 'Leave that guest out: a person put the tag there, and a person takes it away.',
  template: 'Nothing allows that here. Leave it out of the plan.',
  right: 'Whoever runs this server grants it: `proxmox-mpc init --write` prints the commands.',
  approval: 'Do not try otherwise: a person decides.',
  'writing-off': 'A person may run the commands of plan_changes.',
};

/** The result of a plan, as answers show it. @throws RefusedError where nothing was sent */
export function applyFacts(result: ApplyResult) {
  const { plan, outcome, steps, undo } = result;
  if (outcome === 'refused') throw refusedError(result);
  const rows = fitRows(steps.map(resultRow), STEPS_AT_MOST);
  return {
    plan,
    outcome,
    steps: rows,
    ...(rows.length < steps.length && { more_steps: steps.length - rows.length }),
    ...(undo !== null && { undo: `plan_changes {"undo":"${undo}"}` }),
    ...hintOf(steps),
  };
}

/** The result of any plan where writing is off. */
export function refusedOff(plan: string): ApplyResult {
  const what = 'writing is switched off: there is no token to write with (PROXMOX_WRITE_TOKEN_ID).';
  const refusals: ApplyRefusal[] = [{ code: 'writing-off', what }];
  return { plan, outcome: 'refused', steps: [], refusals, undo: null };
}

/** The result of a step, as answers show it. */
export function resultRow({ resource, path, outcome, error, now, live_differs }: StepResult) {
  return {
    resource,
    path: clusterText(path, 120),
    outcome,
    ...(error !== undefined && { error: clusterText(error, 300) }),
    ...(now !== undefined && { now: stateValue(path, now) }),
    ...(live_differs && { live_differs }),
  };
}

function hintOf(steps: readonly StepResult[]): { hint?: string } {
  const has = (outcome: StepResult['outcome']) => steps.some(step => step.outcome === outcome);
  if (has('unknown'))
    return {
      hint: 'Of some it is not known what became of them. Do not try again: show_history tells within minutes.',
    };
  if (has('failed') || has('not_sent'))
    return { hint: 'It stopped at what failed. What is verified stays; undo says how to take it back.' };
  return has('pending') ? { hint: 'pending is set and waits for a restart of the guest.' } : {};
}

function refusedError({ plan, refusals }: ApplyResult): RefusedError {
  const shown = refusals.slice(0, REASONS_AT_MOST).map(rowOf);
  const [first] = shown;
  const more = refusals.length > 1 ? ` (and ${refusals.length - 1} more)` : '';
  const codes = [...new Set(refusals.map(({ code }) => code))];
  return new RefusedError(
    `Nothing was sent. ${first?.why ?? `Plan ${plan} was refused.`}${more}`,
    { plan, outcome: 'refused', steps: [], refusals: shown },
    {
      hint: codes
        .slice(0, 3)
        .map(code => NEXT[code])
        .join(' '),
    },
  );
}

function rowOf({ code, resource, path, what }: ApplyRefusal) {
  return {
    code,
    ...(resource !== undefined && { resource }),
    ...(path !== undefined && { path: clusterText(path, 120) }),
    why: clusterText(what, 300),
  };
}
