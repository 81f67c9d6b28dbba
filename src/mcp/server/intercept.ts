import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';

type Receive = NonNullable<Transport['onmessage']>;

/**
 * Puts a step between a transport and the receiver of its messages, even one set later. The step added first receives first, and
 * decides what the next one receives.
 */
export function intercept(transport: Transport, between: (next: Receive) => Receive): void {
  const before = Object.getOwnPropertyDescriptor(transport, 'onmessage');
  let receiver: Transport['onmessage'];
  Object.defineProperty(transport, 'onmessage', {
    configurable: true,
    get: () => (before?.get === undefined ? receiver : before.get.call(transport)),
    set: (next: Receive) => {
      const wrapped = between(next);
      if (before?.set === undefined) receiver = wrapped;
      else before.set.call(transport, wrapped);
    },
  });
}
