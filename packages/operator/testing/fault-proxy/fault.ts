import type { Call, Verb } from './call.ts';
import { chanceOf } from './chance.ts';

/** A time between these, by chance. */
export interface Range {
  readonly fromMs: number;
  readonly toMs: number;
}

export type Fault =
  /** Answers of a server that did not do it. */
  | { readonly kind: 'conflict' | 'internal error' }
  | { readonly kind: 'too many requests' | 'unavailable'; readonly retryAfterSeconds?: number }
  /** The request reaches the server so late. */
  | { readonly kind: 'latency'; readonly delay: Range }
  /** The server did it; its answer is lost with the connection, or with the stream where that is HTTP/2. */
  | { readonly kind: 'lost answer' }
  /** The same, in the middle of its answer. Not for watches, whose answers have no middle. */
  | { readonly kind: 'cut answer' }
  /** The answer, such as a watch's, breaks off so long after its request. */
  | { readonly kind: 'drop'; readonly after: Range }
  /** So long after the request nothing passes any more on its connection, in either direction, and nobody is told. */
  | { readonly kind: 'half-open'; readonly after: Range };

export interface FaultRule {
  readonly fault: Fault;
  /** Which share of the calls that it is for meet it, from 0 to 1. The rules for a call exclude each other. */
  readonly share: number;
  /** All unless given. */
  readonly verbs?: readonly Verb[];
  readonly path?: RegExp;
}

/** @returns the rules @throws RangeError for shares that cannot be */
export function checked(rules: readonly FaultRule[]): readonly FaultRule[] {
  for (const { share, fault } of rules) {
    if (!(share >= 0 && share <= 1)) throw new RangeError(`the share of "${fault.kind}" is ${share}: not from 0 to 1`);
  }
  return rules;
}

/**
 * Chooses what calls meet. The n-th call of a verb and path meets the same whenever it is made, so that what a seed does
 * to an object does not depend on what others do meanwhile.
 */
export class FaultPlan {
  readonly #seed: number;
  readonly #calls = new Map<string, number>();
  rules: readonly FaultRule[] = [];

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** @returns the fault of one call, and times within its ranges */
  next({ verb, path }: Call): { fault: Fault | undefined; within: (range: Range) => number } {
    const name = `${verb} ${path}`;
    const nth = (this.#calls.get(name) ?? 0) + 1;
    this.#calls.set(name, nth);
    const within = ({ fromMs, toMs }: Range) => fromMs + chanceOf(this.#seed, name, nth, 'when') * (toMs - fromMs);
    let left = chanceOf(this.#seed, name, nth, 'what');
    for (const rule of this.rules) {
      if (rule.verbs?.includes(verb) === false || rule.path?.test(path) === false) continue;
      if (left < rule.share) return { fault: rule.fault, within };
      left -= rule.share;
    }
    return { fault: undefined, within };
  }
}
