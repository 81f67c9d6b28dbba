import { describeError } from '../errors.ts';
import { KIND_PRIVILEGES } from '../model/writing.ts';
import { endpoints } from '../proxmox/index.ts';
import { oneLine } from '../text/clean.ts';
import type { Finding } from './connection-rights.ts';
import type { AddressClients } from './host.ts';
import { kindsAllowed, mayUseBridges, tooMuch, writeTokenCommands } from './init/write-role.ts';
import type { Held } from './token-levels.ts';

/**
 * What the token for writing may do, lacks, and has too much of, given what it is to write. Never `bad`, since reading works
 * without it. `reads`: the identity of the token for reading. Never throws.
 */
export async function checkWriting(
  { client, policy }: NonNullable<AddressClients['writes']>,
  reads: string,
): Promise<Finding[]> {
  const who = client.identity;
  const findings: Finding[] = [];
  if (who === reads)
    findings.push(doubt(`${who} is the token that reads, too: better give writing one of its own`));
  try {
    const held: Held = await client.get(endpoints.access.permissions);
    const { kinds, only } = policy;
    const allowed = kindsAllowed(kinds, only, held);
    const lacks = kinds.filter(kind => !allowed.includes(kind));
    if (allowed.length > 0) findings.push({ level: 'good', text: `${who} may write ${allowed.join(', ')}` });
    const grant = `on a node: ${writeTokenCommands(who, { ...policy, exists: true }).join('; ')}`;
    if (lacks.length > 0) {
      const needs = [...new Set(lacks.map(kind => KIND_PRIVILEGES[kind]))].join(' and ');
      findings.push({
        ...doubt(`${who} may not write ${lacks.join(', ')} everywhere yet (needs ${needs})`),
        next: grant,
      });
    }
    if (kinds.includes('network') && !mayUseBridges(held))
      findings.push({ ...doubt(`${who} may not use a bridge (needs SDN.Use on it)`), next: grant });
    const much = tooMuch(held);
    if (much.length > 0)
      findings.push(
        doubt(
          `${who} may do much that is never needed here (${much.join(', ')}): better make one of its own`,
        ),
      );
  } catch (error) {
    findings.push(doubt(`${who} cannot be used: ${oneLine(describeError(error)).slice(0, 300)}`));
  }
  return findings;
}

function doubt(text: string): Finding {
  return { level: 'doubtful', text };
}
