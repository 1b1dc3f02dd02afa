/** The kernel's DRBD, if any. */
export interface DrbdModule {
  readonly loaded: boolean;
  /** e.g. `8.4.11`; absent when not loaded. */
  readonly version?: string;
}

/** Connection words of drbd-utils 9, which also speak for an 8.4 module. */
export type DrbdConnection =
  | 'StandAlone'
  | 'Disconnecting'
  | 'Unconnected'
  | 'Timeout'
  | 'BrokenPipe'
  | 'NetworkFailure'
  | 'ProtocolError'
  | 'TearDown'
  | 'Connecting'
  | 'Connected';

export type DrbdDisk =
  | 'Diskless'
  | 'Attaching'
  | 'Detaching'
  | 'Failed'
  | 'Negotiating'
  | 'Inconsistent'
  | 'Outdated'
  | 'DUnknown'
  | 'Consistent'
  | 'UpToDate';

export type DrbdRole = 'Primary' | 'Secondary' | 'Unknown';

/** One resource as the kernel runs it. A resource that is down is not listed. */
export interface DrbdResource {
  readonly name: string;
  /** Of `/dev/drbd<minor>`; absent while no device is configured yet. */
  readonly minor?: number;
  readonly role: DrbdRole;
  readonly peerRole: DrbdRole;
  readonly connection: DrbdConnection;
  /** `Off`, `Established`, `SyncSource`, `SyncTarget`, `WFBitMapS`, `PausedSyncT`, … */
  readonly replication: string;
  readonly disk: DrbdDisk;
  readonly peerDisk: DrbdDisk;
  /** What the two sides may differ in, in bytes. Means nothing while the connection is not `Connected`. */
  readonly outOfSyncBytes: number;
  /** I/O is frozen: waiting for fencing, for data or for a person. */
  readonly suspended: boolean;
  /** Size of the replicated device in bytes; 0 until a disk is attached. */
  readonly sizeBytes: number;
}

/** A file in DRBD's configuration directory. */
export interface DrbdResourceFile {
  readonly path: string;
  readonly name: string;
  /** It carries this product's header; others are never written or removed. */
  readonly ours: boolean;
  /** Whose it is, as on the logical volumes; empty in a file of somebody else. */
  readonly tags: readonly string[];
  readonly minors: readonly number[];
  readonly ports: readonly number[];
}

/** What the kernel runs is touched only if a file of ours describes it: a name alone may be somebody else's too. */
export const describes = (file: DrbdResourceFile, { name, minor }: DrbdResource): boolean =>
  file.ours && file.name === name && (minor === undefined || file.minors.includes(minor));

export interface DrbdLeg {
  /** Kubernetes node name; the host's own name goes into the file for the leg of this node. */
  readonly node: string;
  readonly ip: string;
  /** Data volume, e.g. `/dev/LocalStorage_PoolHDD/pvc-1`. */
  readonly disk: string;
  /** External metadata volume, so that the data volume stays byte-identical. */
  readonly metadata: string;
}

/** A pair as it is written into its resource file. Protocol C, external metadata, I/O waits when no data is in reach. */
export interface DrbdPair {
  readonly name: string;
  /** Of the cluster and the volume, as on its logical volumes; kept in the file. */
  readonly tags: readonly string[];
  readonly minor: number;
  readonly port: number;
  /** Known to the two legs alone; 63 characters at most: an 8.4 kernel takes no more. */
  readonly secret: string;
  readonly legs: readonly [DrbdLeg, DrbdLeg];
  /** `resource-and-stonith` freezes a primary that loses its peer until it is answered; `dont-care` lets it go on. */
  readonly fencing: 'dont-care' | 'resource-and-stonith';
}

/** What stands on a metadata device. `attached`: the kernel uses it now, so it can't be read from outside. */
export interface DrbdMetadata {
  readonly state: 'absent' | 'valid' | 'attached';
  /** Made, but never used: no data generation exists. Known for `valid`. */
  readonly justCreated?: boolean;
}
