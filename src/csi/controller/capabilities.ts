import { type FileSystem, fileSystems, isFileSystem } from '../../api/file-systems.ts';
import { CsiError } from '../grpc/csi-error.ts';
import { type VolumeCapability, VolumeCapability_AccessMode_Mode as Mode } from '../proto/csi_pb.js';

/** What a volume is to hold: a file system, or raw blocks. */
export type WantedContent = FileSystem | 'block';

const defaultFileSystem: FileSystem = 'ext4';

const supportedModes: readonly Mode[] = [
  Mode.SINGLE_NODE_WRITER,
  Mode.SINGLE_NODE_READER_ONLY,
  Mode.SINGLE_NODE_SINGLE_WRITER,
  Mode.SINGLE_NODE_MULTI_WRITER,
];

/** As the user wrote it in the claim. */
const inClaims: Partial<Record<Mode, string>> = {
  [Mode.MULTI_NODE_READER_ONLY]: 'ReadOnlyMany',
  [Mode.MULTI_NODE_SINGLE_WRITER]: 'ReadWriteMany',
  [Mode.MULTI_NODE_MULTI_WRITER]: 'ReadWriteMany',
};

/** What speaks against using a volume in this way; undefined: nothing. */
export function refusalOf({ accessMode, accessType }: VolumeCapability): string | undefined {
  const mode = accessMode?.mode ?? Mode.UNKNOWN;
  if (!supportedModes.includes(mode)) {
    const asked = inClaims[mode];
    return asked === undefined
      ? `access mode ${Mode[mode] ?? mode} is not known`
      : `access mode ${asked} is not possible: the volume is on a disk of one node, and pods of that node alone can use it. Ask for ReadWriteOnce or ReadWriteOncePod`;
  }
  if (accessType.case === undefined) return 'neither a file system nor a block device is asked for';
  if (accessType.case === 'block') return undefined;
  const { fsType } = accessType.value;
  if (fsType === '' || isFileSystem(fsType)) return undefined;
  return `file system ${fsType} is not supported: set csi.storage.k8s.io/fstype of the StorageClass to ${fileSystems.join(' or ')}`;
}

/**
 * What a volume is to hold that is used in all of these ways.
 * @throws CsiError INVALID_ARGUMENT, in words for the person who wrote the claim
 */
export function contentOf(capabilities: readonly VolumeCapability[]): WantedContent {
  if (capabilities.length === 0) throw new CsiError('INVALID_ARGUMENT', 'The call says not how the volume is used.');
  for (const capability of capabilities) {
    const refusal = refusalOf(capability);
    if (refusal !== undefined) throw new CsiError('INVALID_ARGUMENT', `The volume can't be made: ${refusal}.`);
  }
  const contents = new Set(capabilities.map(wantedBy));
  const [content = defaultFileSystem] = contents;
  if (contents.size > 1)
    throw new CsiError(
      'INVALID_ARGUMENT',
      `The volume can't be made: it is to hold ${[...contents].join(' and ')} at once. Ask for one of them.`,
    );
  return content;
}

function wantedBy({ accessType }: VolumeCapability): WantedContent {
  if (accessType.case !== 'mount') return 'block';
  return isFileSystem(accessType.value.fsType) ? accessType.value.fsType : defaultFileSystem;
}
