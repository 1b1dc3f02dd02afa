/** One line of the host's mount table: a mounted file system, or something bound to another place. */
export interface Mount {
  readonly target: string;
  /**
   * Number of the block device, `major:minor`: that the file system stands on or, where a device itself was bound onto a
   * file, that device's.
   */
  readonly device: string;
  /** `device`: a block device bound onto a file. */
  readonly kind: 'filesystem' | 'device';
  /** What of the file system is shown there, `/` for all. */
  readonly root: string;
  readonly fsType: string;
  readonly readOnly: boolean;
}

/** What a file system has. */
export interface FileSystemUsage {
  readonly totalBytes: number;
  readonly usedBytes: number;
  /** For those who are not root. */
  readonly availableBytes: number;
  readonly totalInodes: number;
  readonly usedInodes: number;
}
