/** What a disk tells of itself when it is asked (SMART). */
export interface DiskReport {
  /** It can judge its own health at all. */
  readonly supported: boolean;
  /** `Unknown`: it did not tell, which says nothing against it. */
  readonly verdict: 'Passed' | 'Failed' | 'Unknown';
  /** e.g. `2.5 inches` */
  readonly formFactor?: string;
  /** Rotations a minute; 0 for one that does not rotate. */
  readonly rotationRate?: number;
  /** Of the PCI device of an NVMe disk, e.g. `0x144d`. */
  readonly pciVendorId?: string;
  /** Name of the product, as SCSI disks tell it apart from the vendor. */
  readonly product?: string;
}
