import type { Lease } from './builtin.ts';
import type { Clock } from './clock.ts';

/** Someone else may hold the lease now: this process must end without another write. */
export class LeadershipLost extends Error {
  override readonly name = 'LeadershipLost';
}

/** A time on both clocks of a process. */
export interface Moment {
  readonly monotonic: number;
  readonly wall: number;
}

export const moment = (clock: Clock): Moment => ({ monotonic: clock.monotonic(), wall: clock.now() });

/** The time for which one process holds a lease. */
export interface Tenure {
  /** Aborts with LeadershipLost. */
  readonly lost: AbortSignal;
  /** Whether it goes on, by the clock. */
  holds(): boolean;
  /**
   * To be asked right before each write. Reads the clock: in a process that was frozen, what it waited for goes on
   * before the timer that aborts `lost` fires.
   * @throws LeadershipLost
   */
  check(): void;
}

export class HeldLease implements Tenure {
  /** As the server has it. */
  current: Lease;
  readonly #clock: Clock;
  readonly #lease: { readonly namespace: string; readonly name: string; readonly renewWithinMs: number };
  readonly #lost = new AbortController();
  #renewed: Moment;
  #isOver = false;
  #cancel = () => {};

  /** @param sent when it was asked for: from then on nobody else takes it for its duration */
  constructor(
    clock: Clock,
    lease: { readonly namespace: string; readonly name: string; readonly renewWithinMs: number },
    current: Lease,
    sent: Moment,
  ) {
    this.#clock = clock;
    this.#lease = lease;
    this.current = current;
    this.#renewed = sent;
    this.#expect();
  }

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  holds(): boolean {
    return !this.#isOver && !this.lost.aborted && this.#leftMs() > 0;
  }

  check(): void {
    if (this.holds()) return;
    if (this.#isOver) throw this.#loss('was given up');
    this.#overrun();
    this.lost.throwIfAborted();
  }

  renewed(current: Lease, sent: Moment): void {
    this.current = current;
    this.#renewed = sent;
    this.#expect();
  }

  lose(why: string): void {
    this.#cancel();
    this.#lost.abort(this.#loss(why));
  }

  /** The work is over: the lease is renewed no more. */
  end(): void {
    this.#isOver = true;
    this.#cancel();
  }

  /** A timer apart from the calls: one that hangs must not keep us working. */
  #expect(): void {
    this.#cancel();
    this.#cancel = this.#clock.timer(this.#leftMs(), () => this.#overrun());
  }

  /** By whichever clock went on more: one stands still while a machine sleeps, the other may be set back. */
  #leftMs(): number {
    const { monotonic, wall } = moment(this.#clock);
    const passedMs = Math.max(monotonic - this.#renewed.monotonic, wall - this.#renewed.wall);
    return this.#lease.renewWithinMs - passedMs;
  }

  #overrun(): void {
    this.lose(`was not renewed within ${this.#lease.renewWithinMs} ms`);
  }

  #loss(why: string): LeadershipLost {
    return new LeadershipLost(`lease ${this.#lease.namespace}/${this.#lease.name} ${why}`);
  }
}
