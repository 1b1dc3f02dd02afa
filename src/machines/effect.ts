type Effect<P> = (args: unknown, params: P) => void;

/**
 * Names an effect of a machine and the type of what it needs, and does nothing: whoever runs the machine performs it.
 * An effect without needs is `effect()`.
 */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- XState reads the type of the needs from here
export const effect =
  <P = undefined>(): Effect<P> =>
  () => {};
