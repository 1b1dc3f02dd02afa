import type {
  DeviceIdentity,
  DiskContent,
  DiskMarks,
  PhysicalVolume,
  PlacedSignature,
} from '../../api/observed/index.ts';
import { actThenLook } from '../act.ts';
import type { ErrorCode } from '../errors.ts';
import { refusal, type RefusalTable, refuse } from '../refuse.ts';
import type { Run, RunOptions } from '../run.ts';
import { blkid } from './blkid.ts';
import { lsblkOne, type LsblkNode } from './lsblk.ts';
import { differences, type DiskProber } from './probe.ts';
import { probeSignatures } from './signatures.ts';
import { udevSettle } from './udevadm.ts';
import { partitionsOf, unwritable, userOf } from './users.ts';

/** What it takes to know what stands on a disk, and whose it is. */
export interface Wiper extends DiskProber {
  readonly physicalVolumes: (signal: AbortSignal) => Promise<readonly PhysicalVolume[]>;
}

/** A look that may be acted on: with the code to refuse with. */
interface Look extends DiskMarks {
  readonly blocker?: { readonly code: ErrorCode; readonly why: string };
  readonly blank: boolean;
}

/** Reads one disk and its partitions. @throws CommandError `DEVICE_NOT_FOUND` */
export async function diskContent(wiper: Wiper, path: string, options: RunOptions): Promise<DiskContent> {
  const { blocker, ...content } = await look(
    wiper,
    await lsblkOne(wiper.run, path, `look at ${path}`, options),
    options,
  );
  return { ...content, ...(blocker === undefined ? {} : { blocker: blocker.why }) };
}

/** Takes every signature off a disk, if it is the one that was meant and holds nothing that was not seen. */
export async function wipeDisk(
  wiper: Wiper,
  { device, seen }: { device: DeviceIdentity; seen: DiskMarks },
  options: RunOptions,
): Promise<void> {
  const { run } = wiper;
  const { path } = device;
  const command = `wipe ${path}`;
  const node = await lsblkOne(run, path, command, options);
  const changed = differences(node, device);
  if (changed !== '') refuse('DEVICE_CHANGED', command, changed);
  const { blocker, blank, ...now } = await look(wiper, node, options);
  if (blocker !== undefined) refuse(blocker.code, command, blocker.why);
  if (blank) return;
  const unseen = unseenIn(now, seen);
  if (unseen.length > 0) refuse('CONTENT_CHANGED', command, `not seen before: ${unseen.join(', ')}`);

  await actThenLook(
    command,
    async () => {
      // Partitions first: with the table gone nothing would find what stands in them, until the same table is made anew.
      const places = [...partitionsOf(node), node].map((part) => part.path);
      // All of them can be had before the first is written to.
      for (const place of places) await wipefsAll(run, place, { command, dryRun: true }, options);
      for (const place of places) await wipefsAll(run, place, { command, dryRun: false }, options);
    },
    async () => {
      await udevSettle(run, options);
      const left = await look(wiper, await lsblkOne(run, path, command, options), options);
      if (left.blocker !== undefined) return refuse(left.blocker.code, command, left.blocker.why);
      if (left.blank) return true;
      return refuse('SIGNATURE_FOUND', command, `still there: ${marksOf(left).join(', ') || 'something unknown'}`);
    },
  );
}

async function look(wiper: Wiper, node: LsblkNode, options: RunOptions): Promise<Look> {
  const partitions = partitionsOf(node);
  const suffixOf = ({ path }: LsblkNode): string => (path.startsWith(node.path) ? path.slice(node.path.length) : path);
  const names = partitions.map(suffixOf).sort();
  const signatures: PlacedSignature[] = [];
  let isAmbivalent = false;
  const refused = (code: ErrorCode, why: string): Look => ({
    signatures,
    partitions: names,
    blocker: { code, why },
    blank: false,
  });

  for (const part of [node, ...partitions]) {
    const user = userOf(part) ?? unwritable(part);
    if (user !== undefined) return refused('DEVICE_IN_USE', `${part.path} is ${user}`);
  }
  for (const part of [node, ...partitions]) {
    const probe = await probeSignatures(wiper.run, part.path, part.size, options);
    if (!probe.readable) return refused('DEVICE_UNREADABLE', `${part.path}: ${probe.readError ?? 'read failed'}`);
    if (await wiper.isHeldExclusively(part.path))
      return refused('DEVICE_IN_USE', `${part.path} is opened exclusively by somebody`);
    isAmbivalent ||= probe.ambivalent;
    const place = part === node ? {} : { partition: suffixOf(part) };
    const table = probe.signatures.some(({ uuid }) => uuid === undefined)
      ? await tableIdOf(wiper.run, part.path, options)
      : undefined;
    const told = probe.signatures.map((signature) => ({ ...table?.get(signature.type), ...signature, ...place }));
    signatures.push(...told);
    if (told.some(({ type }) => type === 'LVM2_member')) {
      const owner = await ownerOf(wiper, part.path, options);
      if (owner !== undefined) return refused('DEVICE_IN_USE', owner);
    }
  }
  const isBlank = signatures.length === 0 && names.length === 0 && !isAmbivalent;
  return { signatures, partitions: names, blank: isBlank };
}

/** wipefs tells no identity of a partition table, and two tables of one kind stand at the same place. */
async function tableIdOf(run: Run, path: string, options: RunOptions): Promise<Map<string, { uuid?: string }>> {
  const { signatures } = await blkid(run, path, options);
  return new Map(signatures.map(({ type, uuid }) => [type, uuid === undefined ? {} : { uuid }]));
}

/** Why the label of a physical volume must stay; undefined where it belongs to no volume group. */
async function ownerOf({ physicalVolumes }: Wiper, path: string, { signal }: RunOptions): Promise<string | undefined> {
  const found = (await physicalVolumes(signal)).find(({ device }) => device === path);
  if (found === undefined)
    return `${path} is labelled as a physical volume that lvm does not show, so whose it is can't be known: see pvs --all, and what the filter or devices file of lvm leaves out`;
  const { volumeGroup, groupAway } = found;
  if (groupAway === true)
    return `${path} belongs to a volume group whose other disks, which describe it, are away: plug them in again`;
  if (volumeGroup === undefined) return undefined;
  return `${path} belongs to volume group ${volumeGroup.name}. If that and all its volumes may go, remove it by hand first: vgremove ${volumeGroup.name}`;
}

/** What stands there now and was not seen before. An interrupted wiping left less, never more. */
function unseenIn(now: DiskMarks, seen: DiskMarks): string[] {
  const isSeen = (mark: PlacedSignature): boolean =>
    seen.signatures.some(
      ({ type, partition, uuid, offsetBytes }) =>
        type === mark.type &&
        partition === mark.partition &&
        uuid === mark.uuid &&
        // Of one file system several marks may stand, and wipefs finds the next where the first is gone.
        (mark.uuid !== undefined || offsetBytes === mark.offsetBytes),
    );
  return [
    ...now.partitions.filter((name) => !seen.partitions.includes(name)).map((name) => `partition ${name}`),
    ...now.signatures.filter((mark) => !isSeen(mark)).map(wordOf),
  ];
}

const marksOf = ({ signatures, partitions }: DiskMarks): string[] => [
  ...partitions.map((name) => `partition ${name}`),
  ...signatures.map(wordOf),
];

const wordOf = ({ type, partition, uuid }: PlacedSignature): string =>
  [type, partition === undefined ? '' : ` in partition ${partition}`, uuid === undefined ? '' : ` (UUID ${uuid})`].join(
    '',
  );

const wipeRefusals: RefusalTable = [
  [/resource busy|already locked|failed to get lock/i, 'DEVICE_IN_USE'],
  [/No such (file|device)/i, 'DEVICE_NOT_FOUND'],
  [/Input\/output error|Read-only file system|Operation not permitted/i, 'DEVICE_UNREADABLE'],
];

/** wipefs 2.38 says that somebody has the lock, writes nothing, and ends with 0. */
const locked = /already locked|failed to get lock/i;

/**
 * Erases the magic of every signature. The lock is the one that udev takes to read a device, and that a Ceph OSD keeps
 * on a disk which it has for itself without the kernel's knowledge.
 * @see wipefs(8), https://systemd.io/BLOCK_DEVICE_LOCKING
 */
async function wipefsAll(
  run: Run,
  path: string,
  { command, dryRun }: { command: string; dryRun: boolean },
  options: RunOptions,
): Promise<void> {
  await udevSettle(run, options);
  const args = ['--all', ...(dryRun ? ['--no-act'] : []), '--lock=nonblock', '--', path];
  const output = await run('wipefs', args, { ...options, on: path });
  if (output.exitCode !== 0 || locked.test(output.stderr)) throw refusal(command, output, wipeRefusals);
}
