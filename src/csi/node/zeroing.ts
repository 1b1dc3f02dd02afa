import { CsiError } from '../grpc/csi-error.ts';
import type { NodeContext } from './context.ts';

interface Running {
  readonly done: Promise<void>;
  percent: number;
}

/** Overwriting of raw volumes, which may take far longer than the calls that wait for it; each goes on by itself. */
export class Zeroing {
  readonly #context: NodeContext;
  readonly #running = new Map<string, Running>();

  constructor(context: NodeContext) {
    this.#context = context;
  }

  isRunning(volume: string): boolean {
    return this.#running.has(volume);
  }

  /** Waits for the zeroing of a volume, which is begun where it does not run. @throws CsiError `ABORTED` how far it is */
  async ensure(volume: string, device: string, signal: AbortSignal): Promise<void> {
    const running = this.#running.get(volume) ?? this.#begin(volume, device);
    const gaveUp = Promise.withResolvers<never>();
    const giveUp = (): void =>
      gaveUp.reject(
        new CsiError(
          'ABORTED',
          `${volume} is being overwritten with zeros, so that nothing of an earlier volume shows: ${running.percent} % are done. It goes on by itself.`,
        ),
      );
    signal.addEventListener('abort', giveUp, { once: true });
    if (signal.aborted) giveUp();
    try {
      await Promise.race([running.done, gaveUp.promise]);
    } finally {
      signal.removeEventListener('abort', giveUp);
    }
  }

  #begin(volume: string, device: string): Running {
    const { tools, until, log } = this.#context;
    const onProgress = (done: number, all: number): void => {
      running.percent = Math.floor((100 * done) / all);
    };
    const running: Running = { percent: 0, done: tools.fs.zero({ device, onProgress }, until) };
    this.#running.set(volume, running);
    const forget = (): void => void this.#running.delete(volume);
    running.done.then(forget, (error: unknown) => {
      forget();
      log.warn({ err: error, volume }, 'Overwriting with zeros ended before its time');
    });
    return running;
  }
}
