import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { leaseLostCode, type News, type Order, type Question } from './messages.ts';

/** Why a process ended. */
export type End = 'lost its lease' | 'was killed' | 'was stopped' | 'crashed';

const restartMs = 1000;

/** One that does not answer for so long is busy or ended; it may be asked again. */
const answerMs = 10_000;

/** A process that was told to stop has all of its grace for it, and some time to come up with an answer. */
const stopMs = 40_000;

const keptChars = 3000;

/** The process of an operator, started anew whenever it ends, as a cluster does. */
export class KeptProcess {
  readonly name: string;
  readonly #program: string;
  readonly #orderOf: (identity: string) => Order;
  readonly #restarts: Record<End, number> = { 'lost its lease': 0, 'was killed': 0, 'was stopped': 0, crashed: 0 };
  readonly #crashes: string[] = [];
  #starts = 0;
  #passesBefore = 0;
  #passes = 0;
  #child: ChildProcess | undefined;
  #told: NodeJS.Signals | undefined;
  #kept: Promise<void> | undefined;
  #isWanted = true;

  /** @param program path of the bundled operator */
  constructor(name: string, program: string, orderOf: (identity: string) => Order) {
    this.name = name;
    this.#program = program;
    this.#orderOf = orderOf;
  }

  start(): void {
    this.#kept = this.#keep();
  }

  /** Of the process that runs now. */
  get identity(): string {
    return `${this.name}-${this.#starts}`;
  }

  /** How often it was started anew, by why it had ended. */
  restarts(): Readonly<Record<End, number>> {
    return { ...this.#restarts };
  }

  /** What was told by those processes that ended as none must. */
  crashes(): readonly string[] {
    return this.#crashes;
  }

  /** By all its processes, give or take the last second of each. */
  passes(): number {
    return this.#passesBefore + this.#passes;
  }

  /** SIGKILL, or SIGTERM as before an update; another is started. */
  signal(signal: 'SIGKILL' | 'SIGTERM'): void {
    this.#told = signal;
    this.#child?.kill(signal);
  }

  /** @returns undefined when no answer came, because it ended or was not yet there */
  async ask<A extends Question>(question: A): Promise<Extract<News, { about: A }> | undefined> {
    const child = this.#child;
    if (child?.connected !== true) return undefined;
    const given = Promise.withResolvers<Extract<News, { about: A }> | undefined>();
    const hear = (news: News) => news.about === question && given.resolve(news as Extract<News, { about: A }>);
    const giveUp = () => given.resolve(undefined);
    const timer = setTimeout(giveUp, answerMs);
    child.on('message', hear).once('exit', giveUp);
    child.send(question, (error) => error && giveUp());
    const answer = await given.promise;
    clearTimeout(timer);
    child.off('message', hear).off('exit', giveUp);
    return answer;
  }

  /** Ends it for good; by force, which counts as a crash, when it takes too long. */
  async stop(): Promise<void> {
    this.#isWanted = false;
    this.signal('SIGTERM');
    const force = setTimeout(() => this.#child?.kill('SIGKILL'), stopMs);
    await this.#kept;
    clearTimeout(force);
  }

  async #keep(): Promise<void> {
    while (this.#isWanted) {
      const end = await this.#run();
      if (!this.#isWanted) return;
      this.#restarts[end] += 1;
      await delay(restartMs);
    }
  }

  /** One process from its start to its end. */
  async #run(): Promise<End> {
    this.#starts += 1;
    this.#told = undefined;
    const child = fork(this.#program, [JSON.stringify(this.#orderOf(this.identity))], {
      execArgv: ['--expose-gc'],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child = child;
    let lastLines = '';
    child.stderr!.on('data', (chunk: Buffer) => (lastLines = (lastLines + chunk.toString()).slice(-keptChars)));
    child.on('message', (news: News) => {
      if (news.about === 'passes') this.#passes = news.passes;
    });
    const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
    this.#child = undefined;
    this.#passesBefore += this.#passes;
    this.#passes = 0;
    const end = endOf(code, signal, this.#told);
    if (end === 'crashed')
      this.#crashes.push(`${this.identity} ended with ${signal ?? `exit code ${code}`}:\n${lastLines}`);
    return end;
  }
}

/** @param told the signal that it was sent last, if any */
export function endOf(code: number | null, signal: NodeJS.Signals | null, told: NodeJS.Signals | undefined): End {
  if (code === leaseLostCode) return 'lost its lease';
  if (told === 'SIGKILL' && signal === told) return 'was killed';
  // One that has barely begun dies of a signal that it would heed later.
  return told === 'SIGTERM' && (code === 0 || signal === told) ? 'was stopped' : 'crashed';
}
