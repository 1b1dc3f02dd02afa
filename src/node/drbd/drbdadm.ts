import type { Run, RunOptions } from '../run.ts';
import { drbdRefusal } from './refusals.ts';

/**
 * Makes the kernel run a resource as its file says; can be repeated, and brings a StandAlone side back.
 * @throws CommandError `DRBD_UNKNOWN_RESOURCE`, `DRBD_NO_METADATA`, `DEVICE_NOT_FOUND`, `DRBD_ADDRESS_IN_USE`
 */
export const drbdadmAdjust = (run: Run, name: string, options: RunOptions): Promise<void> =>
  drbdadm(run, ['adjust', name], options);

/** @throws CommandError `DRBD_PEER_IS_PRIMARY`, `DRBD_NO_UP_TO_DATE_DATA` */
export const drbdadmPrimaryForce = (run: Run, name: string, options: RunOptions): Promise<void> =>
  drbdadm(run, ['primary', '--force', name], options);

/** @throws CommandError `DRBD_PEER_IS_PRIMARY`, `DRBD_NO_UP_TO_DATE_DATA` */
export const drbdadmPrimary = (run: Run, name: string, options: RunOptions): Promise<void> =>
  drbdadm(run, ['primary', name], options);

/** @throws CommandError `DEVICE_IN_USE` */
export const drbdadmSecondary = (run: Run, name: string, options: RunOptions): Promise<void> =>
  drbdadm(run, ['secondary', name], options);

/** Refused where there is no connection to end. @throws CommandError `DRBD_REFUSED_BY_PEER` */
export const drbdadmDisconnect = (run: Run, name: string, options: RunOptions): Promise<void> =>
  drbdadm(run, ['disconnect', name], options);

async function drbdadm(run: Run, args: readonly string[], options: RunOptions): Promise<void> {
  const output = await run('drbdadm', args, options);
  if (output.exitCode !== 0) throw drbdRefusal(`drbdadm ${args.join(' ')}`, output);
}

/**
 * Stops a resource that the kernel runs, with or without its file; one that is not running is fine.
 * @throws CommandError `DEVICE_IN_USE`, `DRBD_REFUSED_BY_PEER`
 * @see drbdsetup(8)
 */
export async function drbdsetupDown(run: Run, name: string, options: RunOptions): Promise<void> {
  const output = await run('drbdsetup', ['down', name], options);
  if (output.exitCode !== 0) throw drbdRefusal(`drbdsetup down ${name}`, output);
}
