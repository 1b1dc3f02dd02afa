/** What a host calls itself, as in os-release(5). */
export interface OperatingSystem {
  /** e.g. `debian`, `rocky`; absent where the host does not say. */
  readonly id?: string;
  /** What it is like, closest first, e.g. `rhel`, `fedora`. */
  readonly idLike: readonly string[];
}
