import type { Command } from 'commander';
import type { Adoption } from '../model/adoption.ts';
import { resemblanceText } from '../model/reason-text.ts';
import { agree } from './agree.ts';
import type { Host } from './host.ts';
import { answer } from './render/answer.ts';
import { jsonLine } from './render/json.ts';
import type { Row } from './render/table.ts';

/**
 * `db adopt`: shows both sides, asks, and assigns the store to the cluster that was found. @throws MpcError if it is not proven
 * to be the same.
 */
export async function runAdopt(
  host: Host,
  command: Command,
  { examine, adopt }: Awaited<ReturnType<Host['adoption']>>,
): Promise<void> {
  const { out, width } = host.output;
  const json = command.opts()['json'] === true;
  const adoption = await examine();
  const { stored, found, known, resemblance } = adoption;
  const tell = (adopted: boolean, words: string) =>
    out(json ? jsonLine({ adopted, known, stored, found, ...resemblance }) : words);
  if (!json) out(answer(factsOf(adoption), width));
  if (known) return tell(false, 'The store already belongs to this cluster: there is nothing to adopt.\n');
  if (resemblance.verdict === 'same')
    await agree(host, command, 'Make the store belong to the cluster with this root certificate?');
  else if (json) tell(false, '');
  // Refuses whatever is not proven to be the same.
  await adopt(adoption);
  tell(true, 'Adopted: discovery goes on with the next question.\n');
}

function factsOf({ stored, found, resemblance }: Adoption): Row {
  const { nodes, guests, identities, verdict } = resemblance;
  return {
    store: { cluster: stored.name, root_certificate: stored.rootFingerprint ?? 'not known' },
    api: { cluster: found.name, root_certificate: found.rootFingerprint },
    comparison: {
      nodes: `${nodes.found} of ${nodes.known} that are known`,
      guests: `${guests.found} of ${guests.known} that are known`,
      identities: `${identities.asked} guests asked: ${identities.same} the same, ${identities.other} other ones`,
      verdict: `${VERDICTS[verdict]}: ${resemblanceText(resemblance)}`,
    },
  };
}

const VERDICTS: { [verdict in Adoption['resemblance']['verdict']]: string } = {
  same: 'the same cluster',
  other: 'another cluster',
  unsure: 'not proven to be the same cluster',
};
