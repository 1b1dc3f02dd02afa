import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { closeSync, constants, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { baseEnvironment } from './exec.ts';
import type { ProgramSpec, ProgramStatus } from './requests.ts';

const restartMs = 1000;
/** A program that was asked to end gets this long; then it is killed, as kubelet would. */
const graceMs = 20_000;

interface Program {
  spec: ProgramSpec;
  child: ChildProcess | undefined;
  starts: number;
  exitCode: number | undefined;
  signal: string | undefined;
  wanted: boolean;
}

/** Long-running programs of the node; each writes `<logFolder>/<name>.log`, which the host can read at once. */
export function programs(logFolder: string) {
  const all = new Map<string, Program>();
  mkdirSync(logFolder, { recursive: true });

  function start(program: Program): void {
    const { spec } = program;
    const { O_APPEND, O_CREAT, O_WRONLY, O_DSYNC } = constants;
    // Written through, or the host would see the last lines only after the guest's next write-back, or never.
    const log = openSync(join(logFolder, `${spec.name}.log`), O_APPEND | O_CREAT | O_WRONLY | O_DSYNC);
    const [command = '', ...args] = spec.argv;
    program.starts += 1;
    const child = spawn(command, args, {
      detached: true,
      cwd: spec.cwd ?? '/',
      env: { ...baseEnvironment, ...spec.env },
      stdio: ['ignore', log, log],
    });
    program.child = child;
    const finish = (exitCode: number | undefined, signal: string | undefined) => {
      if (program.child !== child) return;
      Object.assign(program, { child: undefined, exitCode, signal });
      if (program.wanted && spec.keepRunning) setTimeout(() => restart(program), restartMs);
      else program.wanted = false;
    };
    child.once('error', (error) => {
      writeSync(log, `cannot start ${command}: ${error.message}\n`);
      finish(undefined, undefined);
    });
    child.once('exit', (code, signal) => finish(code ?? undefined, signal ?? undefined));
    child.once('close', () => closeSync(log));
  }

  function restart(program: Program): void {
    if (program.wanted && program.child === undefined && all.get(program.spec.name) === program) start(program);
  }

  return {
    start(spec: ProgramSpec): ProgramStatus {
      if (all.get(spec.name)?.wanted) throw new Error(`program ${spec.name} is running already`);
      const program: Program = {
        spec,
        child: undefined,
        starts: 0,
        exitCode: undefined,
        signal: undefined,
        wanted: true,
      };
      all.set(spec.name, program);
      start(program);
      return statusOf(program);
    },

    /** Sends the signal to the program's process group and waits for its end; `forget` also ends its restarts. */
    async end(name: string, signal: NodeJS.Signals, forget: boolean): Promise<ProgramStatus> {
      const program = all.get(name);
      if (program === undefined) throw new Error(`there is no program ${name} on this node`);
      if (forget) program.wanted = false;
      const { child } = program;
      if (child?.pid !== undefined) {
        const ended = new Promise((resolve) => child.once('exit', resolve));
        const { pid } = child;
        signalGroup(pid, signal);
        const timer = setTimeout(() => signalGroup(pid, 'SIGKILL'), graceMs);
        await ended;
        clearTimeout(timer);
      }
      return statusOf(program);
    },

    list: (): ProgramStatus[] => [...all.values()].map(statusOf),
  };
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // It ended in the meantime.
  }
}

function statusOf({ spec, child, starts, exitCode, signal }: Program): ProgramStatus {
  return { name: spec.name, running: child !== undefined, pid: child?.pid, exitCode, signal, starts };
}
