import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

const readyMs = 180_000;
const stopMs = 30_000;
const pollMs = 100;
const tailChars = 3000;

export interface ComponentSpec {
  readonly name: string;
  readonly argv: readonly [string, ...string[]];
  /** Standard output and error, appended. */
  readonly logFile: string;
  /** Resolves once the component serves; a rejection means: not yet, and says why. */
  readonly untilReady: () => Promise<void>;
}

/** One process of the control plane. It dies with us, whatever we die of: the kernel sees to it. */
export class Component {
  readonly spec: ComponentSpec;
  #child: ChildProcess | undefined;

  constructor(spec: ComponentSpec) {
    this.spec = spec;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Starts it and waits until it serves. @throws Error with the end of its log when it does not */
  async start(): Promise<void> {
    if (this.#child !== undefined) return;
    const log = openSync(this.spec.logFile, 'a');
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', ...this.spec.argv], { stdio: ['ignore', log, log] });
    closeSync(log);
    this.#child = child;
    let ended: string | undefined;
    child.once('error', (error) => (ended = error.message));
    child.once('exit', (code, signal) => {
      ended = `ended with ${signal ?? `exit code ${code}`}`;
      if (this.#child === child) this.#child = undefined;
    });
    const deadline = performance.now() + readyMs;
    for (;;) {
      const complaint = await this.spec.untilReady().then(
        () => undefined,
        (error: Error) => error.message,
      );
      if (complaint === undefined) return;
      if (ended !== undefined) throw this.#failure(ended);
      if (performance.now() > deadline) {
        await this.stop('SIGKILL');
        throw this.#failure(`did not serve within ${readyMs / 1000} s (${complaint})`);
      }
      await delay(pollMs);
    }
  }

  /** Ends it and waits until it is gone; by force when it takes too long. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill(signal);
    const force = setTimeout(() => child.kill('SIGKILL'), stopMs);
    await gone;
    clearTimeout(force);
  }

  #failure(what: string): Error {
    return new Error(`${this.spec.name} ${what}. The end of ${this.spec.logFile}:\n${tail(this.spec.logFile)}`);
  }
}

function tail(file: string): string {
  return readFileSync(file, 'utf8').slice(-tailChars);
}
