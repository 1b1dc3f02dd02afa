import {
  type AnyMachineSnapshot,
  type AnyStateMachine,
  type EventFromLogic,
  type SnapshotFrom,
  type StateMachine,
  initialTransition,
  transition,
} from 'xstate';

/** The states of a machine, spelt as in the CRD. */
export type StateOf<M extends AnyStateMachine> = ReturnType<M['resolveState']>['value'] & string;

/** An effect that a machine asks for: its name and what it needs. */
export type EffectOf<M extends AnyStateMachine> =
  // oxlint-disable-next-line typescript/no-explicit-any -- only the actions matter here
  M extends StateMachine<any, any, any, any, infer A, any, any, any, any, any, any, any, any, any> ? A : never;

/** The saved state is none of this version's: better to stop than to act on a guess. */
export class UnknownStateError extends Error {
  readonly state: string;

  constructor(machine: string, state: string, options?: ErrorOptions) {
    super(
      `${machine} has no state "${state}": it was saved by another version or by hand. ` +
        'Upgrade, or set the state back to one that the documentation of the machine names.',
      options,
    );
    this.name = 'UnknownStateError';
    this.state = state;
  }
}

export interface Decision<M extends AnyStateMachine> {
  readonly state: StateOf<M>;
  readonly effects: readonly EffectOf<M>[];
}

/**
 * What follows from a saved state and one observation. Pure: the effects are named, not performed. An event that a state
 * says nothing of changes nothing.
 * @param saved the CRD's state; empty or absent is the machine's first one
 * @throws UnknownStateError
 */
export function decide<M extends AnyStateMachine>(
  machine: M,
  saved: string | undefined,
  event: EventFromLogic<M>,
): Decision<M> {
  const [next, effects] = transition(machine, restore(machine, saved), event);
  return { state: (next as AnyMachineSnapshot).value as StateOf<M>, effects: effects as unknown as EffectOf<M>[] };
}

function restore<M extends AnyStateMachine>(machine: M, saved: string | undefined): SnapshotFrom<M> {
  // The cast: machines here take no input, which the type of any machine does not tell.
  if (saved === undefined || saved === '')
    return (initialTransition as (logic: M) => [SnapshotFrom<M>, unknown])(machine)[0];
  try {
    return machine.resolveState({ value: saved, context: {} }) as SnapshotFrom<M>;
  } catch (cause) {
    throw new UnknownStateError(machine.id, saved, { cause });
  }
}
