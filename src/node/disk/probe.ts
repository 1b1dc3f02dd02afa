import type { DeviceIdentity, DiskProbe } from '../../api/observed/index.ts';
import { refuse } from '../refuse.ts';
import type { Run, RunOptions } from '../run.ts';
import type { IsHeldExclusively } from './exclusive-open.ts';
import { lsblkOne, type LsblkNode } from './lsblk.ts';
import { probeSignatures } from './signatures.ts';
import { partitionsOf, unwritable, userOf } from './users.ts';

/** What it takes to look at a disk. */
export interface DiskProber {
  readonly run: Run;
  readonly isHeldExclusively: IsHeldExclusively;
}

/** Reads one disk and says what is on it and who uses it. @throws CommandError `DEVICE_NOT_FOUND` */
export async function probeDisk(prober: DiskProber, path: string, options: RunOptions): Promise<DiskProbe> {
  return probeNode(prober, await lsblkOne(prober.run, path, `probe ${path}`, options), options);
}

/**
 * Looks at a disk right before something irreversible: it must be the one that was meant, free, readable and without a
 * sign of use, but for the label of a physical volume that belongs to no group (which lvm itself judges).
 * @throws CommandError `DEVICE_NOT_FOUND`, `DEVICE_CHANGED`, `DEVICE_IN_USE`, `DEVICE_UNREADABLE`, `SIGNATURE_FOUND`
 */
export async function checkDevice(
  prober: DiskProber,
  wanted: DeviceIdentity,
  command: string,
  options: RunOptions,
): Promise<void> {
  const node = await lsblkOne(prober.run, wanted.path, command, options);
  const changed = differences(node, wanted);
  if (changed !== '') refuse('DEVICE_CHANGED', command, changed);
  const obstacle = unwritable(node);
  if (obstacle !== undefined) refuse('DEVICE_IN_USE', command, `it is ${obstacle}`);
  const { busy, readable, readError, signatures, ambivalent } = await probeNode(prober, node, options);
  if (busy !== undefined) refuse('DEVICE_IN_USE', command, busy);
  if (!readable) refuse('DEVICE_UNREADABLE', command, readError);
  const foreign = signatures.filter(({ type }) => type !== 'LVM2_member');
  if (ambivalent || foreign.length > 0)
    refuse('SIGNATURE_FOUND', command, foreign.map(({ type }) => type).join(', ') || 'several that exclude each other');
}

async function probeNode(
  { run, isHeldExclusively }: DiskProber,
  node: LsblkNode,
  options: RunOptions,
): Promise<DiskProbe> {
  const { path, size } = node;
  const signatures = await probeSignatures(run, path, size, options);
  const isHeld = async (): Promise<boolean> => signatures.readable && (await isHeldExclusively(path));
  const parts = partitionsOf(node).map(({ kname }) => kname);
  const users = userOf(node) ?? (parts.length === 0 ? undefined : `partitioned (${parts.join(', ')})`);
  const busy = users ?? ((await isHeld()) ? 'opened exclusively by somebody' : undefined);
  return { ...signatures, path, majorMinor: node['maj:min'], sizeBytes: size, ...(busy === undefined ? {} : { busy }) };
}

/** What tells a device from the one that was meant; empty when it is that one. */
export function differences(node: LsblkNode, wanted: DeviceIdentity): string {
  const pairs: [string, string | number | undefined, string | number | undefined][] = [
    ['number', wanted.majorMinor, node['maj:min']],
    ['size', wanted.sizeBytes, node.size],
    ['serial', wanted.serial, node.serial],
    ['WWN', wanted.wwn, node.wwn],
    ['UUID of the partition', wanted.partitionUuid, node.partuuid],
    ['type of the partition', wanted.partitionType, node.parttype],
  ];
  return pairs
    .filter(([, meant, is]) => meant !== undefined && meant !== is)
    .map(([what, meant, is]) => `${what} was ${meant}, is ${is ?? 'unknown'}`)
    .join('; ');
}
