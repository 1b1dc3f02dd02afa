import type { DrbdConnection, DrbdDisk, DrbdPair, DrbdRole } from '../../../src/api/observed/index.ts';
import type { Content } from './content.ts';
import type { SimulatedDisk } from './disk.ts';

export interface Segment {
  readonly physicalVolume: string;
  extents: number;
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
  /** Paths that a mount or a process of a test holds, with who. */
  openers: Map<string, string>;
  running: Map<string, Running>;
  /** Names of volume groups whose lock somebody keeps. */
  lockedGroups: Set<string>;
}

export const freshKernel = (): Kernel => ({
  active: new Map(),
  openers: new Map(),
  running: new Map(),
  lockedGroups: new Set(),
});

export const extentBytes = 4 * 1024 ** 2;
const firstExtentAt = 1024 ** 2;

export const extentsOf = (disk: SimulatedDisk): number => Math.floor((disk.sizeBytes - firstExtentAt) / extentBytes);
export const sizeOf = (volume: SimulatedVolume): number =>
  volume.segments.reduce((sum, { extents }) => sum + extents, 0) * extentBytes;
export const volumePath = (group: SimulatedGroup, volume: SimulatedVolume): string =>
  `/dev/${group.name}/${volume.name}`;

const doubled = (name: string): string => name.replaceAll('-', '--');
export const mapperPath = (group: SimulatedGroup, volume: SimulatedVolume): string =>
  `/dev/mapper/${doubled(group.name)}-${doubled(volume.name)}`;
