/** What a disk says of its own health (SMART). */
export interface DiskHealth {
  /** It can tell at all. */
  readonly supported: boolean;
  /** `Unknown`: it did not tell, which says nothing against it. */
  readonly verdict: 'Passed' | 'Failed' | 'Unknown';
}
