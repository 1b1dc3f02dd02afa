import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { DiskSpec, LabConfig, PodsConfig } from './config.ts';
import { defaultNodes } from './config.ts';
import type { ComponentName } from './control-plane/index.ts';
import type { ClusterAccess, ExecStatus, GuestRequest, ProgramSpec, ProgramStatus } from './guest/requests.ts';
import { controlPlaneCommands, ensureCommands, podCommands } from '../../scripts/setup/go-commands.ts';
import { ensureDebianPackages, labPackages, podPackages, requireRoot } from '../../scripts/setup/debian-packages.ts';
import { ensureImages } from './images.ts';
import type { KubectlOptions } from './kubectl.ts';
import { kubectl } from './kubectl.ts';
import type { LabRequest, LabStatus } from './requests.ts';
import { isAlive, labPaths } from './state-folder.ts';
import type { DiskFault } from './supervisor/disks.ts';
import { ensureUmlTools } from './uml/tools.ts';
import type { CallOptions } from './wire/client.ts';
import { call } from './wire/client.ts';

const stopMs = 60_000;
/** More than a command's own time, for a node that is slow to say that it is over. */
const guestMs = 60_000;
const startMs = 90_000;
/** Memory of a node; only what it touches is taken. */
const nodeMiB = 1024;
const podNodeMiB = 3072;

export interface ExecOptions extends CallOptions {
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly cwd?: string | undefined;
  /** The command is killed after this; 60 s when left out. */
  readonly timeoutMs?: number | undefined;
  /** Text for standard input. */
  readonly input?: string | undefined;
}

export interface ExecResult extends ExecStatus {
  readonly stdout: string;
  readonly stderr: string;
}

export type Lab = ReturnType<typeof labClient>;
export type LabNode = ReturnType<typeof nodeClient>;

/** Speaks to a lab that is up, from any process. @throws Error when there is none of that name */
export function connectLab(name = 'default'): Lab {
  if (!isAlive(labPaths(name))) throw new Error(`the lab "${name}" is not up: npm run lab -- up`);
  return labClient(name);
}

function labClient(name: string) {
  const paths = labPaths(name);
  const ask = <Result>(request: LabRequest, options?: CallOptions): Promise<Result> =>
    call<Result>({ path: paths.supervisorSocket }, request, options);

  return {
    name,
    paths,
    ask,
    node: (node: string) => nodeClient(ask, node, paths.node(node)),
    status: () => ask<LabStatus>({ op: 'status' }),

    /** For any Kubernetes client on this machine. */
    kubeconfigPath: paths.kubeconfig,
    access: () => JSON.parse(readFileSync(paths.access, 'utf8')) as ClusterAccess,
    kubectl: (args: readonly string[], options?: KubectlOptions) => kubectl(paths, args, options),

    /** kubectl that must succeed. @returns its standard output @throws Error with its complaint otherwise */
    async runKubectl(args: readonly string[], options?: KubectlOptions): Promise<string> {
      const { exitCode, stdout, stderr } = await kubectl(paths, args, options);
      if (exitCode === 0) return stdout;
      throw new Error(`kubectl ${args.join(' ')}: exit code ${exitCode}\n${stderr}${stdout}`);
    },

    /** Programs in the lab's network that run on no node, as the controllers of a cluster may run anywhere. */
    startProgram: (program: ProgramSpec) => ask<ProgramStatus>({ op: 'startLabProgram', program }),
    stopProgram: (program: string) =>
      ask<ProgramStatus>({ op: 'endLabProgram', name: program, signal: 'SIGTERM', forget: true }),
    killProgram: (program: string) =>
      ask<ProgramStatus>({ op: 'endLabProgram', name: program, signal: 'SIGKILL', forget: false }),
    programs: () => ask<ProgramStatus[]>({ op: 'labPrograms' }),
    readLog: (program: string) => readFile(join(paths.logs, `${program}.log`), 'utf8'),

    startComponent: (component: ComponentName) => ask<void>({ op: 'startComponent', component }),
    stopComponent: (component: ComponentName) => ask<void>({ op: 'stopComponent', component }),

    /** Takes everything down. Resolves when nothing of the lab is left. */
    async stop(): Promise<void> {
      if (!isAlive(paths)) return;
      await ask({ op: 'stop' });
      const deadline = performance.now() + stopMs;
      while (existsSync(paths.folder)) {
        if (performance.now() > deadline) throw new Error(`the lab "${name}" did not end within ${stopMs / 1000} s`);
        await delay(20);
      }
    },
  };
}

function nodeClient(
  ask: <Result>(request: LabRequest, options?: CallOptions) => Promise<Result>,
  node: string,
  paths: ReturnType<ReturnType<typeof labPaths>['node']>,
) {
  const guest = <Result>(request: GuestRequest, options?: CallOptions): Promise<Result> =>
    ask<Result>({ op: 'guest', node, request }, options);

  /** Runs a command on the node, whatever its exit code; also while the node is cut off from the network. */
  async function exec(argv: readonly string[], options: ExecOptions = {}): Promise<ExecResult> {
    const { env, cwd, timeoutMs = 60_000, input } = options;
    const stdin = input === undefined ? options.stdin : pieces(input);
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    // The guest keeps the time; one that hangs itself, or is frozen, must not hold the caller for ever.
    const deadline = AbortSignal.timeout(timeoutMs + guestMs);
    const status = await guest<ExecStatus>(
      { op: 'exec', argv, env, cwd, timeoutMs, stdin: stdin !== undefined },
      {
        ...options,
        signal: options.signal === undefined ? deadline : AbortSignal.any([options.signal, deadline]),
        stdin,
        onStdout: options.onStdout ?? ((chunk) => void stdout.push(Buffer.from(chunk))),
        onStderr: options.onStderr ?? ((chunk) => void stderr.push(Buffer.from(chunk))),
      },
    );
    return { ...status, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() };
  }

  return {
    name: node,
    /** Where the host sees the node's files: its console, its programs' logs, and the folder it sees as /lab/share. */
    paths,
    exec,

    /** Runs a command that must succeed. @returns its standard output @throws Error with its output otherwise */
    async run(argv: readonly string[], options: ExecOptions = {}): Promise<string> {
      const done = await exec(argv, options);
      if (done.exitCode === 0) return done.stdout;
      const how = done.timedOut ? 'timed out' : done.signal ? `ended by ${done.signal}` : `exit code ${done.exitCode}`;
      throw new Error(`${argv.join(' ')} on ${node}: ${how}\n${done.stderr}${done.stdout}`);
    },

    /** A shell script that must succeed; stops at its first failure. */
    async shell(script: string, options: ExecOptions = {}): Promise<string> {
      return this.run(['sh', '-ec', script], options);
    },

    /** Power loss. */
    kill: () => ask<void>({ op: 'kill', node }),
    boot: () => ask<void>({ op: 'boot', node }),
    shutdown: () => ask<void>({ op: 'shutdown', node }),
    /** Pulls the network cable; what the lab itself asks of the node still gets through. */
    cut: () => ask<void>({ op: 'cut', node }),
    heal: () => ask<void>({ op: 'heal', node }),
    /** Stops the whole machine in its tracks, as a hung one; `thaw` lets it go on. */
    freeze: () => ask<void>({ op: 'freeze', node }),
    thaw: () => ask<void>({ op: 'thaw', node }),

    /** The node runs on, but the cluster hears nothing of its kubelet. */
    stopKubelet: () => ask<void>({ op: 'stopKubelet', node }),
    startKubelet: () => ask<void>({ op: 'startKubelet', node }),

    disks: {
      /** Plugs in a blank disk, also while the node runs. @returns its path in the node */
      add: (disk: DiskSpec) => ask<string>({ op: 'addDisk', node, disk }),
      remove: (device: string) => ask<void>({ op: 'removeDisk', node, device }),
      /** From now on the disk answers with I/O errors, also after a power loss; 'none' mends it. */
      fail: (device: string, fault: DiskFault = 'all') => ask<void>({ op: 'setDiskFault', node, device, fault }),
    },

    startProgram: (program: ProgramSpec) => ask<ProgramStatus>({ op: 'startProgram', node, program }),
    /** Asks the program to end, and waits for it. */
    stopProgram: (name: string) =>
      ask<ProgramStatus>({ op: 'endProgram', node, name, signal: 'SIGTERM', forget: true }),
    /** Kills the program without warning; one that is kept running comes back. */
    killProgram: (name: string) =>
      ask<ProgramStatus>({ op: 'endProgram', node, name, signal: 'SIGKILL', forget: false }),
    programs: () => guest<ProgramStatus[]>({ op: 'programs' }),
    /** What the program has written so far; also while the node is off. */
    readLog: (name: string) => readFile(join(paths.logs, `${name}.log`), 'utf8'),
  };
}

async function* pieces(text: string): AsyncGenerator<string> {
  yield text;
}

export interface StartOptions {
  readonly name?: string | undefined;
  /** A number, or the nodes one by one. */
  readonly nodes?: number | LabConfig['nodes'] | undefined;
  readonly memoryMiB?: number | undefined;
  /** true: nodes with real kubelets, which run pods. */
  readonly pods?: boolean | undefined;
  /** false: machines only. */
  readonly controlPlane?: boolean | undefined;
  readonly onProgress?: ((line: string) => void) | undefined;
}

export type OwnedLab = Lab & {
  /** Lets the lab live on after this process. */
  release(): void;
};

/**
 * Brings a lab up and waits until its nodes answer. The lab lives as long as this process, or until `stop`, or on its
 * own after `release`.
 * @throws Error when a lab of that name is up, or a node does not come up; then nothing is left
 */
export async function startLab(options: StartOptions = {}): Promise<OwnedLab> {
  const { name = 'default', nodes = 3, pods = false, controlPlane = true } = options;
  const { memoryMiB = pods ? podNodeMiB : nodeMiB } = options;
  const say = (line: string) => options.onProgress?.(line);
  requireRoot('the lab');
  refuseHiddenCheckout(checkout);
  await ensureDebianPackages(labPackages, say);
  const binaries = controlPlane ? await ensureCommands(controlPlaneCommands, say) : undefined;
  const config: LabConfig = {
    name,
    nodes: typeof nodes === 'number' ? defaultNodes(nodes) : nodes,
    memoryMiB,
    // The keeper replaces the port by one that is free.
    cluster: binaries && { binaries, forwardedPort: 0, ...(pods ? { pods: await ensurePods(say) } : {}) },
    tools: await ensureUmlTools(),
  };
  const keeper = spawn(process.execPath, [new URL('keeper.ts', import.meta.url).pathname], {
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let complaint = '';
  keeper.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
  const ended = new Promise<never>((_, reject) =>
    keeper.once('close', () =>
      reject(
        new Error(complaint.match(/^Error: (.*)$/m)?.[1] ?? (complaint || 'the lab ended while it was coming up')),
      ),
    ),
  );
  ended.catch(() => {
    // Also rejects at the orderly end of the lab, when nobody waits for it any more.
  });
  keeper.stdin.on('error', () => {
    // The keeper is gone, which `ended` tells.
  });
  keeper.stdin.write(`${JSON.stringify(config)}\n`);

  const lab = labClient(name);
  const abandon = async () => {
    keeper.stdin.end();
    await ended.catch(() => undefined);
  };
  try {
    await Promise.race([ended, new Promise((resolve) => keeper.stdout.once('data', resolve))]);
    await Promise.race([ended, untilExists(lab.paths.supervisorSocket)]);
    const onStderr = (chunk: Buffer) =>
      chunk
        .toString()
        .trim()
        .split('\n')
        .forEach((line) => options.onProgress?.(line));
    await Promise.race([ended, lab.ask({ op: 'ready' }, { onStderr })]);
  } catch (error) {
    await abandon();
    throw error;
  }
  return {
    ...lab,
    release() {
      keeper.stdin.end('release\n');
      keeper.stdout.destroy();
      keeper.stderr.destroy();
      keeper.unref();
    },
  };
}

async function ensurePods(say: (line: string) => void): Promise<PodsConfig> {
  await ensureDebianPackages(podPackages, say);
  return { binaries: await ensureCommands(podCommands, say), images: await ensureImages() };
}

const checkout = new URL('../../', import.meta.url).pathname;

/** @throws Error for a checkout in a folder that nodes have one of their own of: their programs come from it */
export function refuseHiddenCheckout(path: string): void {
  const hiding = ['/tmp/', '/run/', '/dev/'].find((folder) => path.startsWith(folder));
  if (hiding !== undefined)
    throw new Error(
      `the lab can't run from ${path}: its nodes run programs of this checkout, and have a ${hiding} of their own. Clone it elsewhere.`,
    );
}

async function untilExists(path: string): Promise<void> {
  const deadline = performance.now() + startMs;
  while (!existsSync(path)) {
    if (performance.now() > deadline) throw new Error(`the lab's supervisor did not start within ${startMs / 1000} s`);
    await delay(20);
  }
}
