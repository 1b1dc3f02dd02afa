import { isDeepStrictEqual } from 'node:util';
import type { Partially } from '../client.ts';
import type { Pass } from '../controller.ts';
import type { EmittedEvent } from '../event-recorder.ts';
import type { KubernetesObject } from '../resource.ts';
import { after, again, done, gone, type Result } from '../result.ts';
import type { StatusOf } from '../status-writer.ts';
import { attempt, type Refusal } from '../refusal.ts';
import { heldBackMs, type Tries, withTry, withTryOf } from './tries.ts';

/** Something that a machine asks for, by name. */
export interface NamedEffect {
  readonly type: string;
  readonly params?: unknown;
}

/** One function for each effect; one that returns `gone` ends the pass with it. */
export type PerformersOf<E extends NamedEffect> = {
  [T in E as T['type']]: (params: T['params']) => unknown;
};

/** An object whose status says in what state it is. */
type Living = KubernetesObject & { readonly status?: Tries };

/** What was made of one look. */
export interface Look<Facts, State> {
  readonly facts: Facts;
  readonly state: State;
  /** What is about to be done. */
  readonly effects: readonly NamedEffect[];
  /** Milliseconds since 1970. */
  readonly nowMs: number;
}

/** How a machine lives in a controller. All but `observe` and what `perform` answers with is pure. */
export interface Lifecycle<O extends Living, Facts, State, E extends NamedEffect> {
  /** Looks, and changes nothing. @returns undefined when there is nothing to decide now: the pass ends */
  observe(pass: Pass<O>): Promise<Facts | undefined>;
  /** The state that the status tells; compared as a whole. */
  stateOf(object: Readonly<O>): State | undefined;
  /** Either another state or effects. */
  decide(saved: State | undefined, facts: Facts, object: Readonly<O>): { state: State; effects: readonly E[] };
  /** All that the status says after this look; of the last try it need not speak. */
  status(object: Readonly<O>, look: Look<Facts, State>): StatusOf<O>;
  /** Whether `status` is this manager's part of a status that several share, and applied. */
  readonly shared?: boolean;
  /** What a person is told of this look. */
  announce?(object: Readonly<O>, look: Look<Facts, State>): EmittedEvent | undefined;
  /** May be repeated, each of them, after a crash anywhere. */
  perform(pass: Pass<O>, facts: Facts): PerformersOf<E>;
  /** When an object is looked at again that nothing was done for; with its next change or resync, unless given. */
  rest?(look: Look<Facts, State>): Result;
}

/** How often an object is looked at whose effects wait for their next try. */
const lookWhileHeldMs = 15_000;

/**
 * Makes a reconcile function of a lifecycle: observe, decide, save the status, perform effects, in this order. The
 * status is saved before anything is done. What an effect or a look is refused with becomes the condition `Stalled`
 * with `nextTry`, until which no effect is tried, unless the order changes.
 */
export function lifecycle<O extends Living, Facts, State, E extends NamedEffect>(
  life: Lifecycle<O, Facts, State, E>,
): (pass: Pass<O>) => Promise<Result> {
  return async (pass) => {
    const { object } = pass;
    const save = (status: StatusOf<O>) =>
      life.shared === true ? pass.status.apply(status as Partially<StatusOf<O>>) : pass.status.write(status);
    const times = () => ({ nowMs: pass.now(), generation: object.metadata.generation });
    const retry = ({ error, foreseen, retryMs }: Refusal): Result =>
      foreseen ? after(retryMs) : { kind: 'failed', error, ms: retryMs };
    const refuse = async (status: Tries, refusal: Refusal): Promise<Result> => {
      await save(withTry(status, refusal, times()) as StatusOf<O>);
      return retry(refusal);
    };

    const looked = await attempt(async () => {
      const facts = await life.observe(pass);
      return facts === undefined ? undefined : { facts, ...life.decide(life.stateOf(object), facts, object) };
    }, pass);
    if ('refusal' in looked) {
      const { refusal } = looked;
      if (object.status !== undefined && life.shared !== true) return refuse(object.status, refusal);
      // Without a status there is nothing to add to, and of a shared one this manager's part is not known without a look.
      pass.events.emit({ type: 'Warning', reason: refusal.reason, message: refusal.message });
      return retry(refusal);
    }
    if (looked.value === undefined) return done;

    const { facts, state, effects } = looked.value;
    const look = { facts, state, effects, nowMs: pass.now() };
    const status = withTryOf(life.status(object, look) as Tries, object.status);
    await save(status as StatusOf<O>);
    const said = life.announce?.(object, look);
    if (said !== undefined) pass.events.emit(said);

    const heldMs = effects.length > 0 ? heldBackMs(object.status, times()) : 0;
    // Looked at all the same.
    if (heldMs > 0) return after(Math.min(heldMs, lookWhileHeldMs));
    const acted = await attempt(() => perform(effects, life.perform(pass, facts)), pass);
    if ('refusal' in acted) return refuse(status, acted.refusal);
    if (acted.value === gone) return gone;
    await save(withTry(status, undefined, times()) as StatusOf<O>);
    if (effects.length > 0 || !isDeepStrictEqual(state, life.stateOf(object))) return again;
    return life.rest?.(look) ?? done;
  };
}

/** One after the other; the first failure ends it, and the next pass sees what is left. */
async function perform<E extends NamedEffect>(
  effects: readonly E[],
  performers: PerformersOf<E>,
): Promise<typeof gone | undefined> {
  for (const { type, params } of effects) {
    const performer = performers[type as E['type']] as (params: unknown) => unknown;
    if ((await performer(params)) === gone) return gone;
  }
  return undefined;
}
