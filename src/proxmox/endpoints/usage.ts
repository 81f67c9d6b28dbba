import * as z from 'zod';
import { endpoint } from '../endpoint.ts';
import { pveAmount, pveMeasure, pveMoment, rows } from '../schema.ts';

/** One interval of a round-robin database; a row without data has only its time. */
const row = z.looseObject({
  /** The end of the interval, by the clock of the node that answers. */
  time: pveMoment,
  /** A fraction of `maxcpu` CPUs. */
  cpu: pveAmount.optional(),
  maxcpu: pveAmount.optional(),
  /** Of a guest: bytes, or bytes per second. */
  mem: pveMeasure.optional(),
  maxmem: pveMeasure.optional(),
  disk: pveMeasure.optional(),
  maxdisk: pveMeasure.optional(),
  diskread: pveMeasure.optional(),
  diskwrite: pveMeasure.optional(),
  netin: pveMeasure.optional(),
  netout: pveMeasure.optional(),
  /** Of a node. */
  memused: pveMeasure.optional(),
  memtotal: pveMeasure.optional(),
  rootused: pveMeasure.optional(),
  roottotal: pveMeasure.optional(),
  /** Of a storage. */
  used: pveMeasure.optional(),
  total: pveMeasure.optional(),
});

/** One row of `rrddata`. */
export type UsageRow = z.output<typeof row>;

/** Twice the 1,440 rows of PVE 9: after an upgrade the rows of the old files come before them. */
const ROWS_AT_MOST = 3_000;

function rrddata<const Path extends string>(path: Path, privilege: string, doc: string) {
  return endpoint(path, {
    query: ['timeframe', 'cf'],
    answer: rows(row, { atMost: ROWS_AT_MOST }),
    facet: 'none',
    privilege,
    doc,
  });
}

/** Recorded usage (`PVE::RRD`): any node can answer for nodes and guests, for a storage only the node itself. */
export const usage = {
  node: rrddata('/nodes/{node}/rrddata', 'Sys.Audit on /nodes/{node}', 'What a node used over a time frame.'),
  qemu: rrddata(
    '/nodes/{node}/qemu/{vmid}/rrddata',
    'VM.Audit on /vms/{vmid}',
    'What a VM used over a time frame.',
  ),
  lxc: rrddata(
    '/nodes/{node}/lxc/{vmid}/rrddata',
    'VM.Audit on /vms/{vmid}',
    'What a container used over a time frame.',
  ),
  storage: rrddata(
    '/nodes/{node}/storage/{storage}/rrddata',
    'Datastore.Audit or Datastore.AllocateSpace on /storage/{storage}',
    'How full a storage was over a time frame, as one node saw it.',
  ),
};
