import { createSimulator, type Simulator } from '../../src/simulator/index.ts';
import { serveTasks } from '../support/child.ts';

let simulator: Simulator;
let vmids: number[] = [];
let running = false;

serveTasks({
  start: async ({
    guests,
    nodes,
    snapshots,
    answerMs,
  }: Record<'guests' | 'nodes' | 'snapshots' | 'answerMs', number>) => {
    simulator = await createSimulator({ guests, nodes, now: Date.now(), realTime: true });
    const some = simulator.world.find({ template: false }).slice(0, Math.round(guests * snapshots));
    for (const vmid of some) simulator.world.snapshot(vmid, 'before-upgrade', { durationMs: 0 });
    if (answerMs > 0) simulator.faults.add({ match: /./, kind: 'slow', delayMs: answerMs });
    const { url } = await simulator.start();
    // What was asked for is not kept: it would only grow.
    setInterval(() => simulator.requests.reset(), 1000).unref();
    return { url, token: simulator.tokens.full, ca: simulator.caPem };
  },
  /** Starts so many stopped guests, and stops the same ones the next time. */
  change: ({ part }: { part: number }) => {
    if (vmids.length === 0) {
      const guests = Object.values(simulator.truth.state().guests);
      const stopped = guests.filter(guest => guest.status === 'stopped' && !guest.template);
      vmids = stopped.slice(0, Math.max(1, Math.round(guests.length * part))).map(guest => guest.vmid);
    }
    for (const vmid of vmids) {
      if (running) simulator.world.stop(vmid, { user: 'bob@pve' });
      else simulator.world.start(vmid, { user: 'bob@pve' });
    }
    running = !running;
    return vmids.length;
  },
});
