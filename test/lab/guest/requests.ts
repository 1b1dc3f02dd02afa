// What a node's guest service is asked, and what it answers.

export interface ExecRequest {
  readonly op: 'exec';
  readonly argv: readonly string[];
  /** Added to a minimal environment (PATH, HOME, LC_ALL=C). */
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly cwd?: string | undefined;
  /** Whether stdin frames follow; without, the command reads end of file. */
  readonly stdin?: boolean | undefined;
  readonly timeoutMs?: number | undefined;
}

export interface ExecStatus {
  /** undefined when a signal ended the command, or it outlived even SIGKILL. */
  readonly exitCode?: number | undefined;
  readonly signal?: string | undefined;
  readonly timedOut: boolean;
  /** The command was killed and is still there: it waits for the kernel (state D). */
  readonly stuck: boolean;
}

export interface ProgramSpec {
  readonly name: string;
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly cwd?: string | undefined;
  /** Started again a second after it ends, and after each boot, as kubelet would a container. */
  readonly keepRunning?: boolean | undefined;
}

export interface ProgramStatus {
  readonly name: string;
  readonly running: boolean;
  readonly pid?: number | undefined;
  readonly exitCode?: number | undefined;
  readonly signal?: string | undefined;
  readonly starts: number;
}

/** How the kubelet stand-in reaches the API server, and what it tells it about its node. */
export interface KubeletConfig {
  readonly server: string;
  readonly ca: string;
  readonly token: string;
  readonly nodeName: string;
  readonly address: string;
  readonly renewSeconds: number;
  readonly leaseSeconds: number;
}

/** How to reach the lab's API server as its admin. */
export interface ClusterAccess {
  /** URL for nodes and programs of the lab. */
  readonly inside: string;
  /** URL for processes outside of it, on the loopback address. */
  readonly outside: string;
  /** PEM */
  readonly ca: string;
  readonly adminToken: string;
}

export type GuestRequest =
  | ExecRequest
  | { readonly op: 'ping' }
  | { readonly op: 'startProgram'; readonly program: ProgramSpec }
  | { readonly op: 'endProgram'; readonly name: string; readonly signal: NodeJS.Signals; readonly forget: boolean }
  | { readonly op: 'programs' }
  | { readonly op: 'startKubelet'; readonly config: KubeletConfig }
  | { readonly op: 'stopKubelet' };
