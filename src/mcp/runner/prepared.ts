import type { Writable } from 'node:stream';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';

const texts = new WeakMap<object, string>();

/** The same result with its JSON made in advance, for a transport from `writePrepared`. It must not change afterwards. */
export function prepared<R extends object>(result: R, text: string = JSON.stringify(result)): R {
  texts.set(result, text);
  return result;
}

/** The JSON of a result, if it was made in advance. */
export function preparedText(result: object): string | undefined {
  return texts.get(result);
}

/** The same transport, which writes prepared results directly to `output`. */
export function writePrepared(transport: Transport, output: Writable): Transport {
  const send = transport.send.bind(transport);
  transport.send = (message, options) => {
    const text = 'result' in message ? texts.get(message.result) : undefined;
    if (text === undefined || !('id' in message)) return send(message, options);
    const line = `{"jsonrpc":"2.0","id":${JSON.stringify(message.id)},"result":${text}}\n`;
    return new Promise(resolve => {
      if (output.write(line)) resolve();
      else output.once('drain', resolve);
    });
  };
  return transport;
}
