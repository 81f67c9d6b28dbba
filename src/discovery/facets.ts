import type { Facet } from '../model/facet.ts';
import { collectAddresses, collectNamedAddresses } from './addresses/collect.ts';
import { commitAddresses } from './addresses/commit.ts';
import { decideAddresses } from './addresses/decide.ts';
import { collectBackups } from './backups/collect.ts';
import { commitBackups } from './backups/commit.ts';
import { decideBackups } from './backups/decide.ts';
import { type FacetStep, facet } from './common/facet.ts';
import { collectConfigs } from './config/collect.ts';
import { commitConfigs } from './config/commit.ts';
import { decideConfigBatch } from './config/decide.ts';
import { collectDatacenter } from './datacenter/collect.ts';
import { commitDatacenter } from './datacenter/commit.ts';
import { decideDatacenter } from './datacenter/decide.ts';
import { collectDetails } from './details/collect.ts';
import { commitDetails } from './details/commit.ts';
import { decideDetails } from './details/decide.ts';
import { collectStorage } from './storage/collect.ts';
import { commitStorage } from './storage/commit.ts';
import { decideStorage } from './storage/decide.ts';
import { collectTasks } from './tasks/collect.ts';
import { commitTasks } from './tasks/commit.ts';
import { decideTasks } from './tasks/decide.ts';

/**
 * Every facet besides the inventory, on which all of them stand, in the order in which a run brings them: the long
 * configurations and what may hang (backup storages, guest agents) last. docs/adding-a-facet.md says how one is added.
 */
export const FACET_STEPS: { readonly [F in Exclude<Facet, 'inventory'>]: readonly FacetStep[] } = {
  tasks: [facet({ unasked: true, collect: collectTasks, decide: decideTasks, commit: commitTasks })],
  storage: [facet({ collect: collectStorage, decide: decideStorage, commit: commitStorage })],
  datacenter: [facet({ collect: collectDatacenter, decide: decideDatacenter, commit: commitDatacenter })],
  details: [facet({ collect: collectDetails, decide: decideDetails, commit: commitDetails })],
  config: [
    facet({ unasked: true, collect: collectConfigs, decide: decideConfigBatch, commit: commitConfigs }),
    // Who names a guest and waits for its configuration wants its addresses, too.
    facet({
      unasked: true,
      collect: collectNamedAddresses,
      decide: decideAddresses,
      commit: commitAddresses,
    }),
  ],
  backups: [facet({ unasked: true, collect: collectBackups, decide: decideBackups, commit: commitBackups })],
  addresses: [facet({ collect: collectAddresses, decide: decideAddresses, commit: commitAddresses })],
};
