import type { SignatureProbe } from '../../api/observed/index.ts';
import { probeSignatures } from '../disk/signatures.ts';
import { lsblkOne } from '../disk/lsblk.ts';
import type { Run, RunOptions } from '../run.ts';

/** Reads a volume and says what is on it. @throws CommandError `DEVICE_NOT_FOUND` */
export async function probeVolume(run: Run, device: string, options: RunOptions): Promise<SignatureProbe> {
  const { size } = await lsblkOne(run, device, `probe ${device}`, options);
  return probeSignatures(run, device, size, options);
}
