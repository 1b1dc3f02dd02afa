import type { PairPhase, VolumeRecorded } from '../../../api/local-volume-replica.schema.ts';
import type { Member } from '../../../api/tags.ts';
import type { VolumeContent } from '../../../api/volume-content.ts';
import type {
  DrbdMetadata,
  DrbdResource,
  DrbdResourceFile,
  LogicalVolume,
  VolumeGroup,
} from '../../../api/observed/index.ts';

/** What the tags of a logical volume say about one volume. */
export interface Marks {
  /** Marked as this volume's in this cluster. */
  readonly ours: boolean;
  /** Carries no mark of any cluster. */
  readonly unmarked: boolean;
  /** Of the writer record when the tag was written. */
  readonly epoch: number | undefined;
  /** The move that this copy was seeded for as the source. */
  readonly seeded: string | undefined;
  /** The move that DRBD metadata were made for beside this copy as the target. */
  readonly metadataMade: string | undefined;
  readonly content: VolumeContent;
  /** The tombstone was written down here too: from now on this is no copy of the volume. */
  readonly deleting: boolean;
  /** What the tags say of the volume, beside its epoch. */
  readonly recorded: VolumeRecorded;
}

/** The part of the writer record that a replica's steps hang on. */
export interface RecordView {
  readonly version: string;
  readonly epoch: number;
  readonly writer: string | undefined;
  readonly inSync: readonly Member[];
  /** The volume is being deleted, and nobody takes the record any more. */
  readonly closed: boolean;
}

/** Everything of one replica that its node and the writer record show, looked at in this order: record, LVM, DRBD. */
export interface ReplicaFacts {
  /** Of this very volume, not of another one of its name. */
  readonly record: RecordView | undefined;
  /** A LocalVolume wants this copy: it is there, of the same id, and has no tombstone. Known while the replica has one. */
  readonly volumeIsWanted: boolean;
  /** The pool's volume group; absent when it is not there, not ours, or another one of the same name. */
  readonly group: VolumeGroup | undefined;
  /** The node tells that a disk below is away, or that the kernel does not use it again yet. */
  readonly isHurt: boolean;
  readonly data: { readonly volume: LogicalVolume; readonly marks: Marks } | undefined;
  readonly metadata: { readonly volume: LogicalVolume; readonly marks: Marks } | undefined;
  /** Of the metadata volume; absent when there is none, or it can't be looked at. */
  readonly metadataState: DrbdMetadata['state'] | undefined;
  /** What the kernel runs by `file`; a resource of somebody else with the volume's name is none of our business. */
  readonly resource: DrbdResource | undefined;
  /** The resource file that carries this volume's tags. */
  readonly file: DrbdResourceFile | undefined;
}

/** What is wanted of one replica. */
export interface ReplicaWish {
  readonly node: string;
  readonly sizeBytes: number;
  readonly deleted: boolean;
  /** A logical volume may exist: its group was written down before it was made. */
  readonly begun: boolean;
  /** The object was made of a logical volume that was there. */
  readonly found: boolean;
  readonly pair:
    | {
        readonly moveId: string;
        readonly role: 'source' | 'target';
        readonly phase: PairPhase;
        readonly peer: string;
      }
    | undefined;
}

/** Anything of ours of DRBD is left of this replica. */
export const hasDrbd = ({ metadata, resource, file }: ReplicaFacts): boolean =>
  metadata?.marks.ours === true || resource !== undefined || file !== undefined;

/** The writer record names this node: a pod may be writing here. */
export const isPublished = ({ node }: ReplicaWish, { record }: ReplicaFacts): boolean => record?.writer === node;

/**
 * The volume is wanted, and its writer record counts on this very copy: a tombstone of the replica alone, by mistake or by
 * a controller that was late, must not cost it. Every true order takes the copy out of the record first, or closes it. A
 * record that is missing is not a free one: as long as the volume is wanted, this may be its only copy.
 */
export const isCountedOn = ({ node }: ReplicaWish, { record, volumeIsWanted }: ReplicaFacts): boolean =>
  record === undefined ? volumeIsWanted : !record.closed && record.inSync.some((member) => member.node === node);

/**
 * The volume is wanted, and this copy is the source of its move: even after the record names the target alone, a tombstone
 * waits for the controller's word that the target was seen whole.
 */
export const isNeededAsSource = ({ pair }: ReplicaWish, { record }: ReplicaFacts): boolean =>
  pair?.role === 'source' && pair.phase !== 'Leave' && record !== undefined && !record.closed;

/**
 * On the target of a move: a copy of this volume that was good once, from before this move. Were the record set back, it
 * may be the only good one, so it is not overwritten.
 */
export const isOlderCopy = ({ pair }: ReplicaWish, { data }: ReplicaFacts): boolean =>
  pair?.role === 'target' &&
  pair.phase === 'Pair' &&
  data?.marks.ours === true &&
  (data.marks.epoch ?? 0) > 0 &&
  data.marks.metadataMade !== pair.moveId;

/** The kernel shows this side's data to be all there. */
export const isWhole = ({ resource }: ReplicaFacts): boolean =>
  resource !== undefined && (resource.disk === 'UpToDate' || resource.disk === 'Consistent');
