/** One change that a tool makes to a host, named after the command that makes it. */
export interface Step {
  readonly host: string;
  readonly command: string;
  /** What it is done to, e.g. `LocalStorage_PoolHDD/pvc-1`. */
  readonly subject: string;
  readonly when: 'before' | 'after';
}

/**
 * Called before and after every change. A test throws here: a `CommandError` to make the tool refuse, anything else to
 * play the death of the process that called it (before: the change was not made; after: it was, and nobody was told).
 */
export type StepHook = (step: Step) => void | Promise<void>;
