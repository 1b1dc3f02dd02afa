import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import type { DiskSpec, LabConfig, NodeSpec } from '../config.ts';
import type { GuestRequest, ProgramSpec, ProgramStatus } from '../guest/requests.ts';
import type { LabPaths } from '../state-folder.ts';
import { call, dial } from '../wire/client.ts';
import { diskShelf } from './disks.ts';
import { addressesOf, guestPort } from './network.ts';
import { writePodFiles } from './pods.ts';

/** Holds what the node writes over its root: packages' state, logs, configuration; and containers. */
const rootDisk = (node: number): DiskSpec => ({
  sizeBytes: 4 * 1024 ** 3,
  serial: `LAB${node}A`,
  vendor: 'LAB',
  model: 'Root-Disk',
  rotational: false,
});

/** Generous, as all of these: three kernels and a control plane may start at once on two busy cores. */
const bootMs = 300_000;
/** For one answer of the guest service to the supervisor itself. */
const answerMs = 60_000;
const unplugMs = 15_000;
const mconsoleMs = 10_000;
const converseMs = 30_000;
const shutdownMs = 60_000;
const guestFolder = new URL('../guest/', import.meta.url).pathname;

export type Power = 'off' | 'booting' | 'on' | 'frozen';

export type UmlNode = ReturnType<typeof umlNode>;

/** One machine of the lab: its kernel's process, its disks, and its guest service. */
export function umlNode(config: LabConfig, spec: NodeSpec, allNodes: readonly NodeSpec[], labPaths: LabPaths) {
  const paths = labPaths.node(spec.name);
  const network = addressesOf(spec);
  const guest = { host: network.management, port: guestPort };
  const umlFolder = join(paths.folder, 'uml');
  /** Started again after each boot. */
  const keptPrograms = new Map<string, ProgramSpec>();
  let kernel: ChildProcess | undefined;
  let power: Power = 'off';
  let rootFormatted = false;
  /** Open conversations with the guest service: a power loss sends no good-bye, so they are closed by us. */
  const conversations = new Set<Socket>();
  let powerLost = new AbortController();

  for (const folder of [paths.logs, umlFolder]) mkdirSync(folder, { recursive: true });
  writeFileSync(join(paths.share, 'boot.env'), bootEnvironment(config, spec));
  writeFileSync(
    join(paths.share, 'hosts'),
    ['127.0.0.1 localhost', ...allNodes.map((node) => `${addressesOf(node).address} ${node.name}`), ''].join('\n'),
  );
  const pods = config.cluster?.pods;
  if (pods !== undefined) writePodFiles(paths.share, spec, allNodes, pods);
  const disks = diskShelf(paths.images, paths.share);
  const root = disks.create(rootDisk(spec.number));
  for (const disk of spec.disks) disks.create(disk);

  function expectPower(wanted: Power, verb: string): void {
    if (power !== wanted) throw new Error(`${spec.name} cannot be ${verb}: it is ${power}, not ${wanted}`);
  }

  async function formatRoot(): Promise<void> {
    await execa('mkfs.ext4', ['-q', '-F', '-E', 'nodiscard,lazy_journal_init=1', '-J', 'size=16', root.image], {
      stdin: 'ignore',
    });
  }

  function startKernel(): ChildProcess {
    const log = openSync(paths.console, 'a');
    const started = spawn(
      'linux.uml',
      [
        `mem=${config.memoryMiB}M`,
        'root=/dev/root',
        'rootfstype=hostfs',
        'rootflags=/',
        'rw',
        `init=${join(guestFolder, 'init.sh')}`,
        `uml_dir=${umlFolder}`,
        'umid=guest',
        ...disks.list().map(({ index, image }) => `ubd${index}=${image}`),
        `vec0:transport=tap,ifname=${network.tap},depth=128,gro=1`,
        `vec1:transport=tap,ifname=${network.managementTap},depth=64,gro=1`,
        'con0=null,fd:1',
        'con=null',
        'quiet',
        `lab_share=${paths.share}`,
      ],
      {
        detached: true,
        stdio: ['ignore', log, log],
        env: { PATH: process.env['PATH'], LD_PRELOAD: config.tools.preload, TMPDIR: '/dev/shm' },
      },
    );
    closeSync(log);
    return started;
  }

  /** Every process of this kernel: it started a session of its own, and its helpers stay in it. */
  function processesOf(kernel: ChildProcess | undefined): number[] {
    if (kernel?.pid === undefined) return [];
    const session = String(kernel.pid);
    return readdirSync('/proc')
      .filter((entry) => /^\d+$/.test(entry))
      .map(Number)
      .filter((pid) => sessionOf(pid) === session);
  }

  /** Two may be at it at once, when the kernel's own end is noticed during a kill: neither may touch the next kernel. */
  async function killAll(): Promise<void> {
    const ending = kernel;
    for (let found = processesOf(ending); found.length > 0; found = processesOf(ending)) {
      for (const pid of found) {
        try {
          process.kill(pid, 'SIGKILL');
        } catch {
          // It ended in the meantime.
        }
      }
      await delay(10);
    }
    if (kernel !== ending) return;
    kernel = undefined;
    power = 'off';
    powerLost.abort(new Error(`${spec.name} lost its power`));
    powerLost = new AbortController();
    for (const socket of conversations) socket.destroy();
    rmSync(umlFolder, { recursive: true, force: true });
    mkdirSync(umlFolder);
  }

  /** @throws Error also when the node loses its power meanwhile, or does not answer in time */
  const ask = <Result>(request: GuestRequest, signal?: AbortSignal): Promise<Result> => {
    const givenUp = [powerLost.signal, AbortSignal.timeout(answerMs), ...(signal === undefined ? [] : [signal])];
    return call<Result>(guest, request, { signal: AbortSignal.any(givenUp) });
  };

  /** Resolves when the guest service answers. @throws Error with the console's last lines when the kernel ends before */
  async function untilUp(booting: ChildProcess): Promise<void> {
    const ended = new AbortController();
    booting.once('error', (error) => ended.abort(error.message));
    booting.once('exit', (code, signal) => ended.abort(`exit code ${code}, signal ${signal}`));
    const givenUp = AbortSignal.any([ended.signal, AbortSignal.timeout(bootMs)]);
    while (!givenUp.aborted) {
      const attempt = AbortSignal.any([givenUp, AbortSignal.timeout(2000)]);
      if ((await ask({ op: 'ping' }, attempt).catch(() => undefined)) === 'pong') return;
      await delay(100);
    }
    const failure = ended.signal.aborted ? String(ended.signal.reason) : `no answer within ${bootMs / 1000} s`;
    if (kernel === booting) await killAll();
    const last = existsSync(paths.console) ? readFileSync(paths.console, 'utf8').split('\n').slice(-15).join('\n') : '';
    throw new Error(`${spec.name} did not come up (${failure}). Its console:\n${last}`);
  }

  const mconsole = async (command: string): Promise<void> => {
    const socket = join(umlFolder, 'guest', 'mconsole');
    const done = await execa(config.tools.mconsole, [socket, String(mconsoleMs), command], { reject: false });
    if (done.exitCode !== 0) {
      throw new Error(`${spec.name} refused "${command}": ${done.stdout.trim() || done.stderr.trim()}`);
    }
  };

  /** udev looks at a disk after every change, as an agent does now and then, and has it open while it does. */
  async function unplug(index: number): Promise<void> {
    const deadline = performance.now() + unplugMs;
    for (;;) {
      await ask({ op: 'exec', argv: ['udevadm', 'settle', '--timeout=10'] });
      try {
        return await mconsole(`remove ubd${index}`);
      } catch (error) {
        if (performance.now() > deadline) throw error;
        await delay(500);
      }
    }
  }

  return {
    spec,
    network,
    guest,
    paths,
    ask,

    /** Opens a connection to the guest service that ends with the node's power. */
    async converse(): Promise<Socket> {
      if (power === 'off') throw new Error(`${spec.name} is off`);
      const socket = await dial(guest, AbortSignal.any([powerLost.signal, AbortSignal.timeout(converseMs)]));
      conversations.add(socket);
      socket.once('close', () => conversations.delete(socket));
      return socket;
    },

    power: (): Power => power,
    disks,

    async boot(): Promise<void> {
      expectPower('off', 'booted');
      power = 'booting';
      try {
        if (!rootFormatted) await formatRoot();
        rootFormatted = true;
        const booting = startKernel();
        kernel = booting;
        booting.once('exit', () => {
          if (kernel === booting) void killAll();
        });
        await untilUp(booting);
        power = 'on';
      } finally {
        if (power === 'booting') power = 'off';
      }
      for (const program of keptPrograms.values()) await ask({ op: 'startProgram', program });
    },

    /** An orderly end: programs are told, file systems written out. */
    async shutdown(): Promise<void> {
      expectPower('on', 'shut down');
      const ended = once(kernel!, 'exit', { signal: AbortSignal.timeout(shutdownMs) });
      for (const { name } of await ask<ProgramStatus[]>({ op: 'programs' })) {
        await ask({ op: 'endProgram', name, signal: 'SIGTERM', forget: true });
      }
      // The node is gone before it can answer.
      ask({ op: 'exec', argv: ['sh', '-c', 'sync; exec poweroff -f'] }).catch(() => undefined);
      await ended;
      await killAll();
    },

    async startProgram(program: ProgramSpec): Promise<ProgramStatus> {
      const status = await ask<ProgramStatus>({ op: 'startProgram', program });
      if (program.keepRunning) keptPrograms.set(program.name, program);
      return status;
    },

    async endProgram(name: string, signal: NodeJS.Signals, forget: boolean): Promise<ProgramStatus> {
      if (forget) keptPrograms.delete(name);
      return ask<ProgramStatus>({ op: 'endProgram', name, signal, forget });
    },

    /** Power loss: what the guest had not written to its disks is gone. */
    async kill(): Promise<void> {
      if (power === 'off') throw new Error(`${spec.name} cannot be killed: it is off`);
      await killAll();
    },

    freeze(): void {
      expectPower('on', 'frozen');
      // Its helpers are traced by it and stop with it; a stop signal sent to them would look like the guest's own.
      process.kill(kernel!.pid!, 'SIGSTOP');
      power = 'frozen';
    },

    thaw(): void {
      expectPower('frozen', 'thawed');
      process.kill(kernel!.pid!, 'SIGCONT');
      power = 'on';
    },

    async addDisk(disk: DiskSpec): Promise<string> {
      const added = disks.create(disk);
      try {
        if (power === 'on') await mconsole(`config ubd${added.index}=${added.image}`);
        else if (power !== 'off') expectPower('on', 'given a disk');
      } catch (error) {
        disks.forget(added);
        throw error;
      }
      return `/dev/${added.device}`;
    },

    /** @throws Error when the node has the disk open: User-Mode Linux takes only closed disks away */
    async removeDisk(device: string): Promise<void> {
      const disk = disks.get(device);
      if (power === 'on') {
        await unplug(disk.index);
      } else expectPower('off', 'deprived of a disk');
      disks.forget(disk);
    },
  };
}

function bootEnvironment(config: LabConfig, spec: NodeSpec): string {
  const network = addressesOf(spec);
  const settings = {
    LAB_NODE: spec.name,
    LAB_MACHINE_ID: createHash('sha256').update(`${config.name}/${spec.name}`).digest('hex').slice(0, 32),
    LAB_MAC: network.mac,
    LAB_ADDRESS: `${network.address}/${network.prefixLength}`,
    LAB_MANAGEMENT_MAC: network.managementMac,
    LAB_MANAGEMENT_ADDRESS: `${network.management}/30`,
    LAB_NODE_BINARY: process.execPath,
    LAB_GUEST_SERVICE: join(guestFolder, 'main.ts'),
    LAB_GUEST_PORT: guestPort,
    /** The script that makes it ready for pods. */
    LAB_PODS: config.cluster?.pods === undefined ? '' : join(guestFolder, 'pods.sh'),
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name}='${value}'\n`)
    .join('');
}

function sessionOf(pid: number): string | undefined {
  try {
    const [state, , , session] = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return state === 'Z' ? undefined : session;
  } catch {
    return undefined;
  }
}
