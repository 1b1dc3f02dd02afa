import { isAlreadyExists, isConflict } from './api-error.ts';
import { builtin, type Lease } from './builtin.ts';
import type { Client } from './client.ts';
import { sleep, type Clock } from './clock.ts';
import { microTime } from './event-recorder.ts';
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

/** Someone else may hold the lease now: this process must end without another write. */
export class LeadershipLost extends Error {
  override readonly name = 'LeadershipLost';
}

export interface Candidate {
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Log;
  readonly identity: string;
  readonly lease: LeaseOptions;
}

/**
 * Waits until this candidate holds the lease, works as long as it does, and gives it up at the end, so that the next
 * need not wait. How long others hold theirs is counted from when they were seen to renew, by our own clock.
 * @param work ends, after the last of its writes, once the signal it is given aborts
 * @throws LeadershipLost when the lease could not be renewed in time; what `work` throws
 */
export async function whileHolding(
  candidate: Candidate,
  signal: AbortSignal,
  work: (holding: AbortSignal) => Promise<void>,
): Promise<void> {
  const held = await acquire(candidate, signal);
  if (held === undefined) return;
  candidate.log.info({ lease: candidate.lease.name }, 'Took the lease');
  const lost = new AbortController();
  const ended = new AbortController();
  const renewing = renew(candidate, held, lost, ended.signal);
  try {
    await work(AbortSignal.any([signal, lost.signal]));
  } finally {
    ended.abort();
    const last = await renewing;
    if (!lost.signal.aborted) await release(candidate, last);
  }
  if (lost.signal.aborted) throw lost.signal.reason;
}

/** @returns the lease as we hold it; undefined when `signal` aborted first */
async function acquire(candidate: Candidate, signal: AbortSignal): Promise<Lease | undefined> {
  const { clock, log, lease } = candidate;
  const { retryMs = leaseDefaults.retryMs, durationMs = leaseDefaults.durationMs } = lease;
  let seen: { version: string | undefined; at: number } | undefined;
  while (!signal.aborted) {
    try {
      const found = await candidate.client.get(builtin.Lease, lease.name, { namespace: lease.namespace, signal });
      if (found === undefined) return await create(candidate, signal);
      const version = found.metadata.resourceVersion;
      if (seen === undefined || seen.version !== version) seen = { version, at: clock.now() };
      const { holderIdentity = '', leaseDurationSeconds } = found.spec ?? {};
      const holdsFor = leaseDurationSeconds === undefined ? durationMs : leaseDurationSeconds * 1000;
      if (holderIdentity === '' || holderIdentity === candidate.identity || clock.now() - seen.at >= holdsFor) {
        return await take(candidate, found, signal);
      }
    } catch (error) {
      if (signal.aborted) return undefined;
      if (!isConflict(error) && !isAlreadyExists(error))
        log.warn({ err: error, lease: lease.name }, 'Could not look at the lease');
    }
    await sleep(clock, retryMs, signal);
  }
  return undefined;
}

function create({ client, clock, identity, lease }: Candidate, signal: AbortSignal): Promise<Lease> {
  const { namespace, name } = lease;
  const now = microTime(clock.now());
  const spec = { ...holding(lease, identity), acquireTime: now, renewTime: now, leaseTransitions: 0 };
  return client.create(builtin.Lease, { metadata: { namespace, name }, spec }, { signal });
}

function take({ client, clock, identity, lease }: Candidate, found: Lease, signal: AbortSignal): Promise<Lease> {
  const now = microTime(clock.now());
  const leaseTransitions = (found.spec?.leaseTransitions ?? 0) + (found.spec?.holderIdentity === identity ? 0 : 1);
  const spec = { ...found.spec, ...holding(lease, identity), acquireTime: now, renewTime: now, leaseTransitions };
  return client.update(builtin.Lease, { ...found, spec }, { signal });
}

function holding({ durationMs = leaseDefaults.durationMs }: LeaseOptions, identity: string) {
  return { holderIdentity: identity, leaseDurationSeconds: Math.ceil(durationMs / 1000) };
}

/** Renews until `ended`, or aborts `lost`. @returns the lease as it was last written */
async function renew(candidate: Candidate, held: Lease, lost: AbortController, ended: AbortSignal): Promise<Lease> {
  const { client, clock, log, identity, lease } = candidate;
  const { retryMs = leaseDefaults.retryMs, renewWithinMs = leaseDefaults.renewWithinMs } = lease;
  let current = held;
  let renewedAt = clock.now();
  // Watched apart from the calls: one that hangs must not keep us working.
  let cancel = () => {};
  const lose = (why: string) => lost.abort(new LeadershipLost(`lease ${lease.namespace}/${lease.name} ${why}`));
  const expect = () => {
    cancel();
    const leftMs = renewedAt + renewWithinMs - clock.now();
    cancel = clock.timer(leftMs, () => lose(`was not renewed within ${renewWithinMs} ms`));
  };
  expect();
  const until = AbortSignal.any([ended, lost.signal]);
  for (;;) {
    await sleep(clock, retryMs, until);
    if (until.aborted) break;
    const sentAt = clock.now();
    try {
      const renewed = { ...current, spec: { ...current.spec, renewTime: microTime(sentAt) } };
      current = await client.update(builtin.Lease, renewed, { signal: until });
      renewedAt = sentAt;
      expect();
    } catch (error) {
      if (until.aborted) break;
      log.warn({ err: error, lease: lease.name }, 'Could not renew the lease');
      const found = await client
        .get(builtin.Lease, lease.name, { namespace: lease.namespace, signal: until })
        .catch(() => current);
      if (found?.spec?.holderIdentity === identity) current = found;
      else {
        lose(`is held by ${found?.spec?.holderIdentity ?? 'nobody: it was deleted'}`);
        break;
      }
    }
  }
  cancel();
  return current;
}

/** Best effort: if it fails, the next waits until the lease is overdue. */
async function release({ client, clock, log, lease }: Candidate, held: Lease): Promise<void> {
  const spec = { ...held.spec, holderIdentity: '', leaseDurationSeconds: 1, renewTime: microTime(clock.now()) };
  try {
    await client.update(builtin.Lease, { ...held, spec });
  } catch (error) {
    log.warn({ err: error, lease: lease.name }, 'Could not give up the lease');
  }
}
