import type { StoreOptions } from '../database/index.ts';
import type { ToolDefinition } from '../mcp/define/tool.ts';
import type { ToolRunner } from '../mcp/runner/tool-runner.ts';
import type { Adoption } from '../model/adoption.ts';
import type { WritePolicy } from '../model/writing.ts';
import type { Credentials, ProxmoxClient, TlsOptions } from '../proxmox/index.ts';
import type { Machine } from './init/clients.ts';
import type { LiveLine } from './render/live.ts';
import type { Terminal } from './terminal.ts';

/** A flag that every command takes. */
export interface FlagHelp {
  flag: string;
  placeholder: string;
  help: string;
}

/** Flags by their names, as commander read them: `{"max-age": "30", demo: true}`. */
export type Flags = { [flag: string]: string | boolean | undefined };

/** Where a command writes. */
export interface Output {
  /** The output that was asked for. */
  out(text: string): void;
  /** Messages about it. */
  note(text: string): void;
  /** Columns of the terminal; null if the output goes to a file or another program. */
  width: number | null;
  /** A temporary line among the messages; null if no person is watching. */
  live: LiveLine | null;
}

/** Parts of the program, opened for one command. */
export interface Session {
  runner: Pick<ToolRunner, 'run'>;
  close(): Promise<void>;
}

/** The connection as configured so far, for `init`, which asks for the rest. */
export interface Setup {
  urls: string[] | null;
  credentials: Credentials | null;
  tls: TlsOptions;
  timeoutMs: number;
  /** Variables that pass this configuration to a server, without address, login and pins; their paths are absolute. */
  variables: { [name: string]: string };
  /** The store's address if it contains a password: it goes into a file of its own, never among the variables. */
  databaseSecret: string | null;
  /** Variables whose value is secret. */
  secretNames: readonly string[];
  /** The file that the token's secret came from. */
  secretFile: string | null;
  /** How writing is configured; null if it is not. */
  writing: SetupWriting | null;
  /** A client for one address, to be closed by the caller. */
  connect(to: { url: string; credentials: Credentials; tls: TlsOptions }): ProxmoxClient;
}

/** Writing as configured so far. */
export interface SetupWriting {
  policy: WritePolicy;
  /** `user@realm!name=secret`; null if there is none yet. */
  token: string | null;
  /** The file that this token's secret came from. */
  secretFile: string | null;
}

/** This machine and this program on it. */
export interface Place extends Machine {
  /** The program's own folder. */
  dataFolder: string;
  /** Node.js and the program it runs, both as absolute paths. */
  command: { node: string; script: string };
}

/** The span and format of a report; moments as people name them. */
export interface ReportRequest {
  since: string;
  until: string;
  format: 'html' | 'markdown';
}

/** The clients for one address. */
export interface AddressClients {
  url: string;
  client: ProxmoxClient;
  /** With the token for writing; null if there is none. */
  writes: { client: ProxmoxClient; policy: WritePolicy } | null;
}

/** A person's approval of plans. */
export interface Approving {
  /**
   * A plan by its id: all its steps as a person reads them, and why it can no longer be approved.
   * @throws UsageError if there is none
   */
  plan(id: string): Promise<{ id: string; text: string; closed: string | null }>;
  /** Records the person's answer, bound to the steps that were shown. */
  decide(id: string, approved: boolean): Promise<void>;
  close(): Promise<void>;
}

/** What the commands need from the program around them. Everything here throws UsageError for an invalid configuration. */
export interface Host {
  version: string;
  tools: readonly ToolDefinition[];
  flags: readonly FlagHelp[];
  output: Output;
  /** @throws UsageError for a command line that nothing may read further or repeat: one that contains a secret */
  refuseSecrets(argv: readonly string[]): void;
  /** Serves MCP on stdio until the input ends. */
  serve(flags: Flags, options: { poll?: number; demoUnlessConfigured: boolean }): Promise<void>;
  /** Discovers until it is stopped. */
  watch(flags: Flags, options: { every: number }): Promise<void>;
  /** Prepares tool calls; store and connection are opened at the first one. */
  session(flags: Flags): Promise<Session>;
  /** A report as one text. */
  report(flags: Flags, request: ReportRequest): Promise<string>;
  /** The clients for each configured address. */
  clients(flags: Flags): Promise<{ clients: AddressClients[]; close(): Promise<void> }>;
  /** How to open the store, and the days of history to keep. */
  store(flags: Flags): Promise<{
    options: StoreOptions;
    historyDays: number;
    timeZone: string;
    /** Files that secrets were read from. */
    secretFiles?: string[];
  }>;
  /** The store and the cluster that answers, for adopting another root certificate. */
  adoption(flags: Flags): Promise<{
    examine(): Promise<Adoption>;
    /** @throws MpcError unless the cluster is convincingly the same. */
    adopt(adoption: Adoption): Promise<void>;
    close(): Promise<void>;
  }>;
  /** The plans of the store, for a person who approves one. The cluster is not asked. */
  approving(flags: Flags): Promise<Approving>;
  /** Plays a month of the simulated cluster into the store, which must be empty. */
  seed(flags: Flags): Promise<void>;
  /** The configuration so far, complete or not. */
  setup(flags: Flags): Promise<Setup>;
  place(): Promise<Place>;
  /** The text of a file of clusters with one more cluster; options by the names of variables. */
  clusterText(text: string, name: string, options: { [variable: string]: string }): string;
  /** Null if nobody can answer. */
  terminal: Terminal | null;
  /** Asks a person; false if nobody can answer. */
  confirm(question: string): Promise<boolean>;
  /** Lines of standard input. */
  lines(): AsyncIterable<string>;
}
