import { decide } from './decide.ts';
import type { Lifecycle } from './lifecycles.ts';

/** What one event does in one state. */
export interface LifecycleRow {
  readonly state: string;
  readonly event: string;
  readonly next: string;
  readonly effects: readonly string[];
}

/** Every state × every event, in the order of the machine's file. */
export function lifecycleRows({ machine, events }: Lifecycle): LifecycleRow[] {
  return Object.keys(machine.states).flatMap((state) =>
    Object.keys(events).map((event) => {
      const { state: next, effects } = decide(machine, state, { type: event });
      return { state, event, next, effects: effects.map((effect: { type: string }) => effect.type) };
    }),
  );
}

export const isSilent = ({ state, next, effects }: LifecycleRow): boolean => state === next && effects.length === 0;

/** The rows as text, aligned; a dot where an event changes nothing. */
export function lifecycleTable(lifecycle: Lifecycle): string {
  const rows = lifecycleRows(lifecycle);
  const width = (of: (row: LifecycleRow) => string): number => Math.max(...rows.map((row) => of(row).length));
  const [stateWidth, eventWidth] = [width(({ state }) => state), width(({ event }) => event)];
  return rows
    .map((row) => {
      const { state, event, next, effects } = row;
      const outcome = isSilent(row) ? '.' : state === next ? effects.join(', ') : `→ ${next}`;
      return `${state.padEnd(stateWidth)}  ${event.padEnd(eventWidth)}  ${outcome}`;
    })
    .join('\n');
}
