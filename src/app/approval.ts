import { planQuestion } from '../answers/desired/question.ts';
import { standingApproval } from '../apply/approval.ts';
import type { Config, WritingConfig } from '../config.ts';
import { planIdentity } from '../desired/plan.ts';
import type { ApplyOrder, PersonAsked } from '../mcp/define/applying.ts';
import type { ApplyRefusal, Approval } from '../model/applying.ts';
import type { PlanEntity } from '../model/plan.ts';
import type { StoreReader } from '../model/store.ts';

/** What the approval of a plan is decided with. */
export interface ApprovalParts {
  store: Pick<StoreReader, 'cluster' | 'planEvents'>;
  writing: Pick<WritingConfig, 'approval'>;
  connection: Pick<Config, 'timeZone'>;
}

/** Most characters of one value in a client's dialog; longer ones need a terminal. */
const VALUE_IN_DIALOG = 300;
const DIALOG_AT_MOST = 6_000;
const VALUE_AT_TERMINAL = 8_192;

/** Whether an authorised person has approved the plan: earlier, or now when asked. */
export async function approvalOf(
  plan: PlanEntity,
  { asker, why, person }: ApplyOrder,
  { store, writing, connection }: ApprovalParts,
): Promise<Approval | ApplyRefusal> {
  if (writing.approval === 'host') return { by: asker, how: 'host' };
  const cluster = await store.cluster();
  const name = `${cluster?.name ?? ''} ${cluster?.rootFingerprint ?? ''}`;
  const standing = standingApproval(await store.planEvents({ plan: plan.id }), planIdentity(name, plan));
  if (standing !== null) return standing;
  if (person === undefined)
    return nobodyAsked(plan.id, 'nobody has approved it, and this client cannot ask a person');
  const terminal = person.how === 'terminal';
  const text = planQuestion(plan, {
    cluster: cluster?.name ?? null,
    timeZone: connection.timeZone,
    why,
    limit: terminal ? VALUE_AT_TERMINAL : VALUE_IN_DIALOG,
  });
  if (!terminal && text.length > DIALOG_AT_MOST)
    return nobodyAsked(plan.id, 'nobody has approved it, and it is too long for a dialog');
  return answered(await person.ask({ plan: plan.id, text }), plan.id, { asker, how: person.how });
}

function answered(
  answer: Awaited<ReturnType<PersonAsked['ask']>>,
  plan: string,
  { asker, how }: { asker: string; how: PersonAsked['how'] },
): Approval | ApplyRefusal {
  if (answer === 'yes') return { by: asker, how };
  const what =
    answer === 'no'
      ? 'the person who was asked said no'
      : 'the person who was asked did not answer within a minute';
  return { code: 'approval', what: `Plan ${plan}: ${what}.` };
}

function nobodyAsked(plan: string, why: string): ApplyRefusal {
  return {
    code: 'approval',
    what: `Plan ${plan}: ${why}. A person approves it at a terminal: proxmox-mpc approve ${plan}`,
  };
}
