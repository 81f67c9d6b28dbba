import type { Family } from '../question.ts';
import { backups } from './backups.ts';
import { changes } from './changes.ts';
import { datacenter } from './datacenter.ts';
import { desired } from './desired.ts';
import { findings } from './findings.ts';
import { lists } from './lists.ts';
import { losses } from './losses.ts';
import { present } from './present.ts';
import { search } from './search.ts';
import { sums } from './sums.ts';
import { usage } from './usage.ts';

/** Every question, by what it is about. */
export const FAMILIES: readonly Family[] = [
  present,
  lists,
  findings,
  losses,
  backups,
  datacenter,
  changes,
  search,
  sums,
  usage,
  // Last: what it declares stands from then on.
  desired,
];
