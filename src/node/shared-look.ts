import { CommandError } from './errors.ts';

/** Reads something of the host that is the same for everyone who asks. */
export type Look<T> = (signal: AbortSignal) => Promise<T>;

interface Shared<T> {
  readonly result: Promise<T>;
  readonly stop: AbortController;
  waiting: number;
}

/**
 * Lets everyone who asks while a look runs share the next one: starting a process is the dear part of a look, and many
 * passes want to see the same at once. Nobody joins a look that has begun, so each sees all that was there when they
 * asked.
 * @param name of the look, for the error of who gives up waiting
 * @returns a look that throws what `look` throws, and CommandError `ABORTED`
 */
export function sharedLook<T>(name: string, look: Look<T>): Look<T> {
  let last: Promise<unknown> = Promise.resolve();
  /** Has not begun: whoever asks now may join. */
  let next: Shared<T> | undefined;
  const close = (shared: Shared<T>): void => {
    if (next === shared) next = undefined;
  };

  /** Begins when the last look has ended, and is called off when nobody waits for it any more. */
  const queue = (): Shared<T> => {
    const stop = new AbortController();
    const result = last.then(() => {
      close(shared);
      return look(stop.signal);
    });
    const shared = { result, stop, waiting: 0 };
    last = result.catch(() => {
      // Told to each who waits for it.
    });
    return shared;
  };

  return async (signal) => {
    next ??= queue();
    const joined = next;
    joined.waiting += 1;
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    const leave = (): void => {
      joined.waiting -= 1;
      if (joined.waiting === 0) {
        close(joined);
        joined.stop.abort(signal.reason);
      }
      reject(new CommandError({ code: 'ABORTED', command: name, cause: signal.reason }));
    };
    if (signal.aborted) leave();
    else signal.addEventListener('abort', leave, { once: true });
    try {
      return await Promise.race([joined.result, aborted]);
    } finally {
      signal.removeEventListener('abort', leave);
    }
  };
}
