/** What a reconcile pass asks for: nothing, another pass at once, or another pass later. */
export type Result =
  | { readonly kind: 'done' }
  | { readonly kind: 'again' }
  | { readonly kind: 'after'; readonly ms: number };

/** All is as wanted: the next pass comes with a change or a resync. */
export const done: Result = { kind: 'done' };

/** Something was done that must be looked at: pass again, behind the keys that already wait. */
export const again: Result = { kind: 'again' };

/** Pass again in `ms` milliseconds, or earlier if something changes. */
export const after = (ms: number): Result => ({ kind: 'after', ms });
