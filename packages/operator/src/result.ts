/**
 * What a reconcile pass asks for: nothing, another pass at once, another pass later, or that the object goes; or that it
 * failed, told so itself, and says when it is tried again.
 */
export type Result =
  | { readonly kind: 'done' }
  | { readonly kind: 'again' }
  | { readonly kind: 'after'; readonly ms: number }
  | { readonly kind: 'gone' }
  | { readonly kind: 'failed'; readonly error: Error; readonly ms: number };

/** All is as wanted: the next pass comes with a change or a resync. */
export const done: Result = { kind: 'done' };

/** Something was done that must be looked at: pass again, behind the keys that already wait. */
export const again: Result = { kind: 'again' };

/** Pass again in `ms` milliseconds, or earlier if something changes. */
export const after = (ms: number): Result => ({ kind: 'after', ms });

/** Nothing is left of what the object stood for: it is deleted if it was not yet, and its finalizer taken off. */
export const gone: Result = { kind: 'gone' };
