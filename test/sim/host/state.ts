import type { DrbdConnection, DrbdDisk, DrbdPair, DrbdRole, Mount } from '../../../src/api/observed/index.ts';
import type { Content } from './content.ts';
import type { SimulatedDisk } from './disk.ts';

export interface Segment {
  readonly physicalVolume: string;
  /** Counted from 0. */
  readonly first: number;
  readonly extents: number;
}

/** A move of extents that has begun: they stand on both disks, and the volume is locked. Volume and disk by UUID. */
export interface SimulatedMove {
  readonly volume: string;
  readonly from: string;
  /** In the order of the volume. */
  readonly parts: readonly Segment[];
  readonly copies: readonly Segment[];
}

export interface SimulatedVolume {
  readonly name: string;
  readonly uuid: string;
  segments: Segment[];
  tags: Set<string>;
  content: Content;
}

export interface SimulatedGroup {
  readonly name: string;
  readonly uuid: string;
  tags: Set<string>;
  /** UUIDs. */
  physicalVolumes: Set<string>;
  /** Those of them that take no new volumes. */
  closed: Set<string>;
  move: SimulatedMove | undefined;
  volumes: Map<string, SimulatedVolume>;
}

export interface SimulatedResourceFile {
  readonly ours: boolean;
  readonly pair: DrbdPair;
}

/** What a power loss leaves. */
export interface Persistent {
  disks: SimulatedDisk[];
  groups: SimulatedGroup[];
  /** By path. */
  resourceFiles: Map<string, SimulatedResourceFile>;
}

/** One side of a pair in a running kernel. */
export interface Running {
  readonly host: string;
  pair: DrbdPair;
  readonly data: SimulatedVolume;
  readonly metadata: SimulatedVolume;
  role: DrbdRole;
  disk: DrbdDisk;
  connection: Extract<DrbdConnection, 'StandAlone' | 'Connecting' | 'Connected'>;
  /** Meaningful while Connected; otherwise what is remembered of the peer's disk. */
  peerDisk: DrbdDisk;
  suspended: boolean;
}

/** What a power loss takes. */
export interface Kernel {
  /** Device-mapper minor of each active logical volume, by UUID. */
  active: Map<string, number>;
  /** By UUID of an active logical volume: numbers that its table still names of physical volumes that came back under another. */
  dead: Map<string, Map<string, string>>;
  /** In the order in which they were made, each with the path of its device. */
  mounts: { path: string; mount: Mount }[];
  /** Paths that a process of a test holds, with who. */
  openers: Map<string, string>;
  running: Map<string, Running>;
  /** UUIDs of active logical volumes whose I/O waits. */
  suspended: Set<string>;
  /** Names of volume groups whose lock somebody keeps: every report waits for all of them. */
  lockedGroups: Set<string>;
}

export const freshKernel = (): Kernel => ({
  active: new Map(),
  dead: new Map(),
  mounts: [],
  openers: new Map(),
  running: new Map(),
  suspended: new Set(),
  lockedGroups: new Set(),
});

export const extentBytes = 4 * 1024 ** 2;
const mib = 1024 ** 2;
const isRoomy = (disk: SimulatedDisk): boolean => disk.sizeBytes >= 1024 * mib;

/** A disk of 1 GiB or more keeps more room for LVM's own metadata. */
export const firstExtentAt = (disk: SimulatedDisk): number => (isRoomy(disk) ? 8 * mib : mib);
export const metadataAreaOf = (disk: SimulatedDisk): number => (isRoomy(disk) ? 8_384_512 : 1_044_480);

/** As many as the disk has room for. */
export const roomOf = (disk: SimulatedDisk): number => Math.floor((disk.sizeBytes - firstExtentAt(disk)) / extentBytes);
export const extentsOf = (disk: SimulatedDisk): number => disk.physicalVolume?.extents ?? roomOf(disk);
export const sizeOf = (volume: SimulatedVolume): number =>
  volume.segments.reduce((sum, { extents }) => sum + extents, 0) * extentBytes;
export const volumePath = (group: SimulatedGroup, volume: SimulatedVolume): string =>
  `/dev/${group.name}/${volume.name}`;

const doubled = (name: string): string => name.replaceAll('-', '--');
export const mapperPath = (group: SimulatedGroup, volume: SimulatedVolume): string =>
  `/dev/mapper/${doubled(group.name)}-${doubled(volume.name)}`;
