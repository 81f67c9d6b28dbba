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
 * Every facet but the inventory, on which all of them build, in the order in which a run brings them: the many configurations,
 * and what may hang (backup storages, guest agents), come last. docs/adding-a-facet.md says how to add one.
 */
export const FACET_STEPS: { readonly [F in Exclude<Facet, 'inventory'>]: readonly FacetStep[] } = {
  tasks: [facet({ unasked: true, collect: collectTasks, decide: decideTasks, commit: commitTasks })],
  storage: [facet({ collect: collectStorage, decide: decideStorage, commit: commitStorage })],
  datacenter: [facet({ collect: collectDatacenter, decide: decideDatacenter, commit: commitDatacenter })],
  details: [facet({ collect: collectDetails, decide: decideDetails, commit: commitDetails })],
  config: [
    facet({ unasked: true, collect: collectConfigs, decide: decideConfigBatch, commit: commitConfigs }),
    // A request that names a guest and waits for its configuration wants its addresses as well.
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
