/** One mark of earlier or present use found on a device. */
export interface Signature {
  /** The prober's word: `ext4`, `LVM2_member`, `gpt`, `crypto_LUKS`, `drbd`, … */
  readonly type: string;
  /** Where its magic stands, in bytes; absent where the prober does not say. */
  readonly offsetBytes?: number;
  readonly uuid?: string;
}

/** What reading a device showed. Only `blank: true` means that nothing was found *and* that looking was possible. */
export interface SignatureProbe {
  /** First and last MiB were read without error. */
  readonly readable: boolean;
  /** Why it could not be read or probed. */
  readonly readError?: string;
  readonly signatures: readonly Signature[];
  /** Signatures that exclude each other: no one knows what this is. */
  readonly ambivalent: boolean;
  /** First and last MiB are zero. A disk wiped by wipefs is blank without being zero at its edges. */
  readonly edgesZero: boolean;
  /** Readable, every prober ran cleanly, none found a signature. */
  readonly blank: boolean;
}

/** A probe of a whole disk, with who uses it now. */
export interface DiskProbe extends SignatureProbe {
  readonly path: string;
  readonly majorMinor: string;
  readonly sizeBytes: number;
  /** Why it cannot be had, e.g. `mounted on /data`, `held by dm-3`, `opened exclusively`; absent when free. */
  readonly busy?: string;
}
