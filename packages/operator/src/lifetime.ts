import { within, type Clock } from './clock.ts';
import { aborted, type ControllerRunner } from './controller-runner.ts';
import type { EventRecorder } from './event-recorder.ts';
import type { Reflector } from './reflector.ts';

/** A pass that was told to end has so long for it. */
const abortMs = 3000;

/** Events that are not written after so long are given up. */
const flushMs = 2000;

export interface Parts {
  readonly reflectors: readonly Reflector[];
  readonly runners: readonly ControllerRunner[];
  readonly events: EventRecorder;
  readonly clock: Clock;
  readonly graceMs: number;
  /** Called once the caches are filled. */
  readonly filled: () => void;
}

/**
 * Fills the caches and lets passes run until `stop`; then those that run have `graceMs` to end, or until `abort`.
 * The watches go on to the last, since passes read what they tell.
 * @throws what a trigger throws, and when something did not end although it was told to
 */
export async function liveUntil(stop: AbortSignal, abort: AbortSignal, parts: Parts): Promise<void> {
  const { reflectors, runners, events, clock, graceMs } = parts;
  const failed = new AbortController();
  const orFail = (part: Promise<void>) => part.finally(() => failed.abort());
  const stopping = AbortSignal.any([stop, abort, failed.signal]);
  const graceIsOver = new AbortController();
  const close = new AbortController();

  const watching = Promise.allSettled(reflectors.map((one) => orFail(one.run(close.signal))));
  await Promise.race([Promise.all(reflectors.map(({ synced }) => synced)), aborted(stopping)]);
  const passesEnd = AbortSignal.any([abort, graceIsOver.signal]);
  const passing = Promise.allSettled(
    stopping.aborted ? [] : runners.map((one) => orFail(one.run(stopping, passesEnd))),
  );
  if (!stopping.aborted) parts.filled();
  await aborted(stopping);

  const ended = Promise.all([passing, ...runners.map(({ queue }) => queue.stop())]);
  await within(clock, graceMs, Promise.race([ended, aborted(abort)]));
  graceIsOver.abort(new Error('the manager stops'));
  const allEnded = await within(clock, abortMs, ended);
  await within(clock, flushMs, events.flush());
  close.abort();
  const ends = [...(await watching), ...(allEnded ? await passing : [])];
  if (!allEnded) throw new Error(`told to end ${abortMs} ms ago, and still running: ${namesOf(runners)}`);
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}

function namesOf(runners: readonly ControllerRunner[]): string {
  const passes = runners.flatMap((runner) => runner.running());
  return passes.length > 0 ? passes.join(', ') : 'a trigger';
}
