import { type ProxmoxClient, parseToken, type TlsOptions } from '../proxmox/index.ts';
import { createProxmoxWriter, type ProxmoxWriter } from '../proxmox/operations/index.ts';
import type { Connection } from './ports.ts';

/**
 * A connection to the cluster. Its writer uses the address that answered the reader, which is known after the first read. `token`
 * is `user@realm!name=secret`; it is used for writing only.
 */
export function connectForWriting(
  client: Pick<ProxmoxClient, 'run'>,
  { token, tls }: { token: string; tls: TlsOptions },
): Connection {
  const reader = client.run();
  let opened: ProxmoxWriter | null = null;
  const close = () => opened?.close();
  const writer: ProxmoxWriter = {
    identity: parseToken(token).id,
    send: (id, operation) => {
      opened ??= createProxmoxWriter({ url: reader.baseUrl, token, tls });
      return opened.send(id, operation);
    },
    close,
  };
  return { reader, writer, close };
}
