import type { Sample } from './sample.ts';

export interface ApiAccess {
  readonly server: string;
  readonly caPath: string;
  readonly token: string;
}

/** The work that the contenders have in common. */
export interface Work {
  readonly api: ApiAccess;
  /** The name that a pass puts into the status of each object. */
  readonly by: string;
  /** Passes at a time. */
  readonly concurrency: number;
  /** A pass begins, and this is what it sees. */
  readonly sees: (sample: Readonly<Sample>) => void;
  /** A pass has written the status of its object. */
  readonly wrote: () => void;
}

/** Lists and watches all samples, keeps them in memory, and passes over each that changes, until `signal` aborts. */
export type Contender = (work: Work, signal: AbortSignal) => Promise<void>;

export const contenders = ['operator', 'client-node'] as const;
export type ContenderName = (typeof contenders)[number];
