import { setImmediate as immediate } from 'node:timers/promises';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { intercept } from './intercept.ts';

/** Knows which requests have arrived but are not yet answered, so that no answer is lost when the input ends. */
export class InFlight {
  readonly #open = new Set<string | number>();
  #wake: (() => void) | null = null;

  /** The same transport with its requests and answers tracked. */
  watch(transport: Transport): Transport {
    const send = transport.send.bind(transport);
    transport.send = async (message, options) => {
      try {
        await send(message, options);
      } finally {
        if ('id' in message && !('method' in message) && message.id !== undefined) this.#close(message.id);
      }
    };
    intercept(transport, next => (message, extra) => {
      if ('method' in message && 'id' in message) this.#open.add(message.id);
      // A request that the client cancels is never answered.
      if ('method' in message && message.method === 'notifications/cancelled') {
        this.#close((message.params as { requestId?: string | number } | undefined)?.requestId ?? '');
      }
      next(message, extra);
    });
    return transport;
  }

  /** Resolves when every request that has arrived so far is answered. */
  async settled(): Promise<void> {
    await immediate();
    while (this.#open.size > 0) {
      await new Promise<void>(resolve => {
        this.#wake = resolve;
      });
    }
  }

  #close(id: string | number): void {
    this.#open.delete(id);
    if (this.#open.size === 0) this.#wake?.();
  }
}
