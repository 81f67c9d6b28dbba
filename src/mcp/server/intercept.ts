import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';

type Hear = NonNullable<Transport['onmessage']>;

/**
 * Puts something between a transport and whoever receives its messages, now and later. What is put first receives first,
 * and decides what the next one receives.
 */
export function intercept(transport: Transport, between: (next: Hear) => Hear): void {
  const before = Object.getOwnPropertyDescriptor(transport, 'onmessage');
  let heard: Transport['onmessage'];
  Object.defineProperty(transport, 'onmessage', {
    configurable: true,
    get: () => (before?.get === undefined ? heard : before.get.call(transport)),
    set: (next: Hear) => {
      const put = between(next);
      if (before?.set === undefined) heard = put;
      else before.set.call(transport, put);
    },
  });
}
