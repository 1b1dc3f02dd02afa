/** What the process of an operator is given, as JSON in its first argument. */
export interface Order {
  readonly server: string;
  /** PEM. */
  readonly ca: string;
  readonly token: string;
  /** Which kinds are its own; see `kindsOf`. */
  readonly operator: string;
  /** Of this process and no other, ever. */
  readonly identity: string;
  /** Name of the Lease that it works under; without one it waits for nobody. */
  readonly lease?: string;
}

/** Asked of it over IPC. */
export type Question = 'caches' | 'heap';

/** The versions of objects by their kind, key and uid. */
export type Versions = Readonly<Record<string, string>>;

/** What it tells: answers, and each second the number of its passes. */
export type News =
  | { readonly about: 'passes'; readonly passes: number }
  /** Undefined as long as it made no pass, such as one that waits to be leader. */
  | { readonly about: 'caches'; readonly versions: Versions | undefined }
  /** In use after garbage was collected. */
  | { readonly about: 'heap'; readonly bytes: number };

/** The exit code of one that lost its lease. */
export const leaseLostCode = 75;
