import { type FileSystem, isFileSystem } from '../../api/file-systems.ts';
import type { LogicalVolume } from '../../api/observed/index.ts';
import { type LogicalVolumeTags, logicalVolumeTagChanges } from '../../api/tags.ts';
import { contentOf } from '../../api/volume-content.ts';
import { CsiError } from '../grpc/csi-error.ts';
import type { NodeContext } from './context.ts';

const defaultFileSystem: FileSystem = 'ext4';

/** The copy whose content is seen to, and the device that it is reached by. */
export interface ContentTask {
  readonly volume: string;
  readonly device: string;
  readonly data: LogicalVolume;
  readonly tags: Partial<LogicalVolumeTags>;
}

/**
 * Sees to it that a volume has a file system. One is made where the tags say that nobody ever had the volume, and nothing is
 * found on it; everywhere else what is there has to be found. The tags say what was done before anybody is handed it.
 * @returns the file system that is there
 * @throws CsiError, CommandError when it is not what it should be; then nothing was changed
 */
export async function ensureFileSystem(
  context: NodeContext,
  task: ContentTask,
  asked: FileSystem | undefined,
  signal: AbortSignal,
): Promise<FileSystem> {
  const { volume, device, tags } = task;
  const { fs } = context.tools;
  const content = contentOf(tags);
  if (content === 'block')
    throw new CsiError(
      'FAILED_PRECONDITION',
      `${volume} was used as a raw block device; no file system is made on it.`,
    );
  const probe = await fs.probe(device, signal);
  if (!probe.readable)
    throw new CsiError(
      'ABORTED',
      `${device} of ${volume} on ${context.node} can't be read (${probe.readError}), so nothing is known of what it holds. Check the disks: dmesg.`,
    );
  const types = probe.signatures.map(({ type }) => type);
  const [only] = types;
  const found = types.length === 1 && only !== undefined && isFileSystem(only) ? only : undefined;
  // Begun and never handed out; what it left may be half of a file system.
  const begun = content === 'blank' ? tags.formatting : undefined;
  const isBlank = content === 'blank' && (probe.blank || (found !== undefined && found === begun));
  if (isBlank) {
    const fsType = found ?? asked ?? defaultFileSystem;
    const begunHere = { ...task, data: await say(context, task, { formatting: fsType }, signal) };
    await fs.format({ device, fsType, remake: found !== undefined }, signal);
    await say(context, begunHere, { formatted: fsType, formatting: undefined, blank: undefined }, signal);
    return matching(volume, fsType, asked);
  }
  if (found === undefined || (isFileSystem(content) && found !== content))
    throw new CsiError(
      'FAILED_PRECONDITION',
      `${volume} on ${context.node} should hold ${isFileSystem(content) ? content : 'a file system'}, and ${types.length === 0 ? 'nothing is found' : `${types.join(', ')} is found`}. It is never formatted again; look at ${device} there.`,
    );
  if (content !== found)
    await say(context, task, { formatted: found, formatting: undefined, blank: undefined }, signal);
  return matching(volume, found, asked);
}

/**
 * Sees to it that a raw volume shows nothing of an earlier tenant: it is zeroed whole before anybody is handed it.
 * @param zero overwrites the device; it may take hours
 */
export async function ensureRawBlock(
  context: NodeContext,
  task: ContentTask,
  zero: () => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const content = contentOf(task.tags);
  if (content === 'block') return;
  if (isFileSystem(content))
    throw new CsiError(
      'FAILED_PRECONDITION',
      `${task.volume} holds ${content}; it is not handed out as a raw block device.`,
    );
  if (content === 'blank') await zero();
  await say(context, task, { formatted: 'block', formatting: undefined, blank: undefined }, signal);
}

function matching(volume: string, found: FileSystem, asked: FileSystem | undefined): FileSystem {
  if (asked === undefined || asked === found) return found;
  throw new CsiError(
    'FAILED_PRECONDITION',
    `${volume} holds ${found}, and ${asked} is asked for; it is never formatted again. Make the PersistentVolume's fsType ${found}, or use another volume.`,
  );
}

type Facts = Parameters<typeof logicalVolumeTagChanges>[1];

/**
 * In one command. Of these facts nobody else writes, and every other tag stays as it is.
 * @returns the logical volume as it is then
 */
async function say(
  { tools }: NodeContext,
  { data }: ContentTask,
  facts: Facts,
  signal: AbortSignal,
): Promise<LogicalVolume> {
  const { volumeGroup, name, uuid, tags } = data;
  return tools.lvm.changeLogicalVolumeTags(
    { volumeGroup, name, uuid, ...logicalVolumeTagChanges(tags, facts) },
    signal,
  );
}
