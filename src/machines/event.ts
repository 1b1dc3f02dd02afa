/**
 * The union of a machine's events, from the table that says what each of them means and the needs that some carry.
 * Events are observations or past requests, never commands.
 */
export type EventOf<Meanings, Payloads extends { [T in keyof Meanings]?: object } = object> = {
  [T in keyof Meanings & string]: { type: T } & (T extends keyof Payloads ? Payloads[T] : unknown);
}[keyof Meanings & string];

/** Tells `setup` the events of a machine. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- XState reads the type of the events from here
export const observing = <E>(): { events: E } => ({}) as { events: E };
