import type { Client, Clock } from '@dot-kube/operator';

/** What one call works with. */
export interface Task {
  readonly client: Client;
  readonly clock: Clock;
  /** Aborts when the caller gave up. */
  readonly signal: AbortSignal;
  /** Aborts when the call has to say what it waits for, so that the caller hears it before giving up. */
  readonly overdue: AbortSignal;
}

/** The sidecars give up after a minute, and are told nothing then. */
export const answerMs = 50_000;
