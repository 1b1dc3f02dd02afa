import { type FileSystem, fileSystems, isFileSystem } from '../../api/file-systems.ts';
import { CsiError } from '../grpc/csi-error.ts';
import { type VolumeCapability, VolumeCapability_AccessMode_Mode as Mode } from '../proto/csi_pb.js';

/** How a volume is to be used. */
export type Use =
  | { readonly kind: 'block' }
  | { readonly kind: 'filesystem'; readonly fsType: FileSystem | undefined; readonly options: readonly string[] };

export interface Wanted {
  readonly use: Use;
  readonly readOnly: boolean;
  /** One pod alone may have it. */
  readonly exclusive: boolean;
}

const singleNode = [
  Mode.SINGLE_NODE_WRITER,
  Mode.SINGLE_NODE_READER_ONLY,
  Mode.SINGLE_NODE_SINGLE_WRITER,
  Mode.SINGLE_NODE_MULTI_WRITER,
];

/** @throws CsiError `INVALID_ARGUMENT` */
export function wantedOf(capability: VolumeCapability | undefined): Wanted {
  const mode = capability?.accessMode?.mode;
  const { accessType } = capability ?? {};
  if (mode === undefined || accessType?.case === undefined)
    throw new CsiError('INVALID_ARGUMENT', 'volume_capability is missing, or names no access type or no access mode.');
  if (!singleNode.includes(mode))
    throw new CsiError(
      'INVALID_ARGUMENT',
      `The access mode ${Mode[mode]} is not offered: one node at a time uses a volume. Ask for ReadWriteOnce or ReadWriteOncePod.`,
    );
  const about = {
    readOnly: mode === Mode.SINGLE_NODE_READER_ONLY,
    exclusive: mode === Mode.SINGLE_NODE_SINGLE_WRITER,
  };
  if (accessType.case === 'block') return { ...about, use: { kind: 'block' } };
  const { fsType, mountFlags } = accessType.value;
  if (fsType !== '' && !isFileSystem(fsType))
    throw new CsiError(
      'INVALID_ARGUMENT',
      `The file system ${fsType} is not offered. In the StorageClass, csi.storage.k8s.io/fstype can be ${fileSystems.join(' or ')}.`,
    );
  return {
    ...about,
    use: { kind: 'filesystem', fsType: fsType === '' ? undefined : fsType, options: mountFlags },
  };
}
