import type { DrbdResource } from '../../api/observed/index.ts';
import { type ErrorCode, isCommandError } from '../../node/errors.ts';
import type { HostTools } from '../../node/tools.ts';
import { NotYet } from './not-yet.ts';

/** How the kernel refuses one side of a pair that is just coming up, or being taken apart. */
const passing: readonly ErrorCode[] = ['DRBD_NO_UP_TO_DATE_DATA', 'DRBD_PEER_NOT_OUTDATED', 'DRBD_PEER_IS_PRIMARY'];

/** Makes this side the one that may write, without force. @throws NotYet while the other side has to come up, or to go */
export async function ensurePrimary(
  drbd: HostTools['drbd'],
  { name, role }: DrbdResource,
  signal: AbortSignal,
): Promise<void> {
  if (role === 'Primary') return;
  try {
    await drbd.promote(name, signal);
  } catch (error) {
    throw isCommandError(error, ...passing) ? new NotYet(error.message, error) : error;
  }
}
