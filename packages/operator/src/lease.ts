import { isAlreadyExists, isConflict } from './api-error.ts';
import { builtin, type Lease } from './builtin.ts';
import type { Client } from './client.ts';
import { sleep, type Clock } from './clock.ts';
import { microTime } from './event-recorder.ts';
import { HeldLease, moment, type Moment, type Tenure } from './held-lease.ts';
import type { Log } from './log.ts';

/** Which Lease says who works, and for how long its word holds. */
export interface LeaseOptions {
  readonly namespace: string;
  readonly name: string;
  /** A holder that did not renew for so long may be replaced. */
  readonly durationMs?: number;
  /** A holder that could not renew for so long stops working; well below the duration. */
  readonly renewWithinMs?: number;
  /** Between two looks or renewals. */
  readonly retryMs?: number;
}

export const leaseDefaults = { durationMs: 15_000, renewWithinMs: 10_000, retryMs: 2000 };

/** Giving the lease up is tried for so long; then the next waits until it is overdue. */
const releaseWithinMs = 3000;

export interface Candidate {
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Log;
  /** Of this process and no other, ever: who finds the lease in its own name takes it. */
  readonly identity: string;
  readonly lease: LeaseOptions;
}

type Timed = Candidate & { readonly lease: Required<LeaseOptions> };

/**
 * Waits until this candidate holds the lease, works as long as it does, and gives it up at the end, so that the next
 * need not wait. How long others hold theirs is counted from when they were seen to renew, by our own clock; how long
 * we hold ours from before the renewal was sent. So of two clocks only the rate must agree, within
 * `durationMs / renewWithinMs`.
 * @param signal asks to stop: ends the wait, and is for `work` to heed
 * @param work ends after the last of its writes, and at once when the lease is lost. If it throws, something of it may
 *   go on, and the lease is left to run out.
 * @throws LeadershipLost when the lease could not be renewed in time; what `work` throws; RangeError for times with
 *   which two could hold the lease
 */
export async function whileHolding(
  candidate: Candidate,
  signal: AbortSignal,
  work: (tenure: Tenure) => Promise<void>,
): Promise<void> {
  const timed = { ...candidate, lease: withTimes(candidate.lease) };
  const held = await acquire(timed, signal);
  if (held === undefined) return;
  held.check();
  timed.log.info({ lease: timed.lease.name }, 'Took the lease');
  const ended = new AbortController();
  const renewing = renew(timed, held, ended.signal);
  try {
    await work(held);
  } catch (error) {
    held.lost.throwIfAborted();
    throw error;
  } finally {
    ended.abort();
    await renewing;
    held.end();
  }
  held.lost.throwIfAborted();
  await release(timed);
}

function withTimes(options: LeaseOptions): Required<LeaseOptions> {
  const lease = { ...leaseDefaults, ...options };
  const { durationMs, renewWithinMs, retryMs } = lease;
  if (durationMs > renewWithinMs && renewWithinMs > retryMs && retryMs > 0) return lease;
  throw new RangeError(
    `lease ${lease.namespace}/${lease.name}: durationMs ${durationMs} must be above renewWithinMs ${renewWithinMs}, and that above retryMs ${retryMs}`,
  );
}

/** @returns the lease as we hold it; undefined when `signal` aborted first */
async function acquire(candidate: Timed, signal: AbortSignal): Promise<HeldLease | undefined> {
  const { client, clock, log, identity, lease } = candidate;
  const { namespace, name, durationMs, retryMs } = lease;
  let seen: { version: string | undefined; at: number } | undefined;
  while (!signal.aborted) {
    try {
      const found = await client.get(builtin.Lease, name, { namespace, signal });
      const sent = moment(clock);
      if (found === undefined) return heldSince(candidate, sent, await create(candidate, signal));
      const version = found.metadata.resourceVersion;
      if (seen === undefined || seen.version !== version) seen = { version, at: sent.monotonic };
      const { holderIdentity = '', leaseDurationSeconds } = found.spec ?? {};
      const holdsFor = leaseDurationSeconds === undefined ? durationMs : leaseDurationSeconds * 1000;
      if (holderIdentity === '' || holderIdentity === identity || sent.monotonic - seen.at >= holdsFor) {
        return heldSince(candidate, sent, await take(candidate, found, signal));
      }
    } catch (error) {
      if (signal.aborted) {
        // Taking it was cut short, perhaps, and may have been done all the same.
        await release(candidate);
        return undefined;
      }
      if (!isConflict(error) && !isAlreadyExists(error))
        log.warn({ err: error, lease: name }, 'Could not look at the lease');
    }
    await sleep(clock, retryMs, signal);
  }
  return undefined;
}

const heldSince = ({ clock, lease }: Timed, sent: Moment, current: Lease) => new HeldLease(clock, lease, current, sent);

function create({ client, clock, identity, lease }: Timed, signal: AbortSignal): Promise<Lease> {
  const { namespace, name } = lease;
  const now = microTime(clock.now());
  const spec = { ...holding(lease, identity), acquireTime: now, renewTime: now, leaseTransitions: 0 };
  return client.create(builtin.Lease, { metadata: { namespace, name }, spec }, { signal });
}

function take({ client, clock, identity, lease }: Timed, found: Lease, signal: AbortSignal): Promise<Lease> {
  const now = microTime(clock.now());
  const leaseTransitions = (found.spec?.leaseTransitions ?? 0) + (found.spec?.holderIdentity === identity ? 0 : 1);
  const spec = { ...found.spec, ...holding(lease, identity), acquireTime: now, renewTime: now, leaseTransitions };
  return client.update(builtin.Lease, { ...found, spec }, { signal });
}

function holding({ durationMs }: Required<LeaseOptions>, identity: string) {
  return { holderIdentity: identity, leaseDurationSeconds: Math.ceil(durationMs / 1000) };
}

/** Renews until `ended`, or until the lease is lost. */
async function renew({ client, clock, log, identity, lease }: Timed, held: HeldLease, ended: AbortSignal) {
  const { namespace, name, retryMs } = lease;
  const signal = AbortSignal.any([ended, held.lost]);
  for (;;) {
    await sleep(clock, retryMs, signal);
    if (signal.aborted) return;
    const sent = moment(clock);
    try {
      const spec = { ...held.current.spec, renewTime: microTime(sent.wall) };
      held.renewed(await client.update(builtin.Lease, { ...held.current, spec }, { signal }), sent);
    } catch (error) {
      if (signal.aborted) return;
      log.warn({ err: error, lease: name }, 'Could not renew the lease');
      const found = await client.get(builtin.Lease, name, { namespace, signal }).catch(() => held.current);
      // Ours, but newer: our renewal arrived and its answer did not.
      if (found?.spec?.holderIdentity === identity) held.current = found;
      else held.lose(found === undefined ? 'was deleted' : `is held by ${found.spec?.holderIdentity || 'nobody'}`);
    }
  }
}

/** Best effort: if it fails, the next waits until the lease is overdue. */
async function release({ client, clock, log, identity, lease }: Timed): Promise<void> {
  const { namespace, name } = lease;
  const late = new AbortController();
  const cancel = clock.timer(releaseWithinMs, () => late.abort());
  const { signal } = late;
  try {
    const found = await client.get(builtin.Lease, name, { namespace, signal });
    if (found?.spec?.holderIdentity !== identity) return;
    const spec = { ...found.spec, holderIdentity: '', leaseDurationSeconds: 1, renewTime: microTime(clock.now()) };
    await client.update(builtin.Lease, { ...found, spec }, { signal });
    log.info({ lease: name }, 'Gave up the lease');
  } catch (error) {
    log.warn({ err: error, lease: name }, 'Could not give up the lease');
  } finally {
    cancel();
  }
}
