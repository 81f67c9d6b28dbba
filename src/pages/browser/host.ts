/*
 * The page's side of MCP Apps, revision 2026-01-26: JSON-RPC 2.0 over postMessage with the host that holds it.
 */

const VERSION = '2026-01-26';

/** What a host says about itself and may change at any time. */
export interface HostContext {
  theme?: string;
  styles?: { variables?: { [name: string]: string | undefined } };
  displayMode?: string;
  availableDisplayModes?: string[];
  containerDimensions?: { height?: number; maxHeight?: number };
  toolInfo?: { tool?: { name?: string } };
}

/** A tool's answer as a host passes it on. */
export interface ToolResult {
  isError?: boolean;
  content?: { type: string; text?: string }[];
  structuredContent?: { [field: string]: unknown };
}

/** How a page reacts to messages of its host. */
export interface Listener {
  context(context: HostContext): void;
  input(args: { [argument: string]: unknown }): void;
  result(result: ToolResult): void;
  cancelled(reason: string): void;
}

interface Message {
  jsonrpc?: string;
  id?: string | number;
  method?: string;
  params?: { [name: string]: unknown };
  result?: { [name: string]: unknown };
  error?: { message?: string };
}

/** The host that contains the page. */
export class Host {
  readonly #open = new Map<string | number, PromiseWithResolvers<{ [name: string]: unknown }>>();
  readonly #listener: Listener;
  #next = 1;
  #context: HostContext = {};
  /** What the host can do for its pages. */
  #capabilities: { [name: string]: unknown } = {};

  constructor(listener: Listener) {
    this.#listener = listener;
    addEventListener('message', event => {
      // Only the window that contains this one is its host.
      if (event.source === parent && event.data?.jsonrpc === '2.0') this.#receive(event.data as Message);
    });
  }

  /** Greets the host, which then sends the arguments and the answer of the tool. */
  async connect(): Promise<void> {
    const { hostContext = {}, hostCapabilities = {} } = await this.ask('ui/initialize', {
      protocolVersion: VERSION,
      appInfo: { name: 'proxmox-mpc', version: '1' },
      appCapabilities: { availableDisplayModes: ['inline', 'fullscreen'] },
    });
    this.#capabilities = hostCapabilities as { [name: string]: unknown };
    this.#merge(hostContext as HostContext);
    this.tell('ui/notifications/initialized', {});
  }

  /** Whether the host passes tool calls on to the server. */
  get callsTools(): boolean {
    return this.#capabilities['serverTools'] !== undefined;
  }

  /** Sends a request. Rejects with the host's words if it refuses. */
  ask(method: string, params: object): Promise<{ [name: string]: unknown }> {
    const id = this.#next++;
    const answer = Promise.withResolvers<{ [name: string]: unknown }>();
    this.#open.set(id, answer);
    send({ jsonrpc: '2.0', id, method, params });
    return answer.promise;
  }

  /** Sends a notification. */
  tell(method: string, params: object): void {
    send({ jsonrpc: '2.0', method, params });
  }

  #receive({ id, method, params = {}, result, error }: Message): void {
    if (method === undefined) {
      const answer = this.#open.get(id ?? '');
      this.#open.delete(id ?? '');
      if (error !== undefined) answer?.reject(new Error(error.message ?? 'refused'));
      else answer?.resolve(result ?? {});
    } else if (id === undefined) this.#notified(method, params);
    else if (method === 'ping' || method === 'ui/resource-teardown') send({ jsonrpc: '2.0', id, result: {} });
    else send({ jsonrpc: '2.0', id, error: { code: -32601, message: `This page has no ${method}.` } });
  }

  #notified(method: string, params: { [name: string]: unknown }): void {
    if (method === 'ui/notifications/tool-input')
      this.#listener.input((params['arguments'] ?? {}) as { [argument: string]: unknown });
    if (method === 'ui/notifications/tool-result') this.#listener.result(params as ToolResult);
    if (method === 'ui/notifications/tool-cancelled')
      this.#listener.cancelled(String(params['reason'] ?? ''));
    if (method === 'ui/notifications/host-context-changed') this.#merge(params as HostContext);
  }

  #merge(context: HostContext): void {
    this.#context = { ...this.#context, ...context };
    this.#listener.context(this.#context);
  }
}

function send(message: object): void {
  // A page in a sandbox does not know its host's origin; what it asks contains no secret.
  parent.postMessage(message, '*');
}

/** Adopts the host's light or dark, its colours and fonts, and the available height. */
export function dress({ theme, styles, containerDimensions, displayMode }: HostContext): void {
  const { style, dataset } = document.documentElement;
  if (theme === 'light' || theme === 'dark') style.colorScheme = theme;
  for (const [name, value] of Object.entries(styles?.variables ?? {}))
    if (/^--(?:color|font)-[\w-]+$/.test(name) && value !== undefined) style.setProperty(name, value);
  const height = containerDimensions?.height ?? containerDimensions?.maxHeight;
  if (height !== undefined) style.setProperty('--height', `${height}px`);
  dataset['mode'] = displayMode ?? 'inline';
}

/** Reports the page's size to the host whenever it changes. */
export function reportSize(host: Host): void {
  let last = '';
  const page = document.documentElement;
  new ResizeObserver(() => {
    const size = { width: Math.ceil(page.scrollWidth), height: Math.ceil(document.body.offsetHeight) };
    if (JSON.stringify(size) === last) return;
    last = JSON.stringify(size);
    host.tell('ui/notifications/size-changed', size);
  }).observe(document.body);
}
