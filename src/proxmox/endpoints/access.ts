import * as z from 'zod';
import { endpoint } from '../endpoint.ts';
import { one, pveObject, pveString } from '../schema.ts';

/** Version and rights: who is asking whom. */
export const access = {
  version: endpoint('/version', {
    answer: one(z.looseObject({ version: pveString, release: pveString.optional() })),
    facet: 'none',
    privilege: '-',
    doc: 'Version of the node that answers; needs a valid token.',
  }),
  permissions: endpoint('/access/permissions', {
    query: ['path', 'userid'],
    maxMiB: 32,
    // A privilege is held if its key is present; 0 or 1 only says whether it propagates.
    answer: one(z.record(z.string(), pveObject)),
    facet: 'none',
    privilege: '-',
    doc: 'Privileges of the token by path; `{}` when it has none.',
  }),
};
