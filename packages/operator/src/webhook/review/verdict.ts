import type { KubernetesObject } from '../../resource.ts';

/** Why a write is refused, as clients see it in the `reason` of the answer. */
export type DenyReason = keyof typeof codes;

/** HTTP status of each reason, as `metav1.StatusReason` has them. */
const codes = {
  BadRequest: 400,
  Forbidden: 403,
  Conflict: 409,
  Invalid: 422,
  TooManyRequests: 429,
  InternalError: 500,
  ServiceUnavailable: 503,
  Timeout: 504,
} as const;

export interface Told {
  /** Shown to who asked, whatever is decided. One line each; API servers cut what is longer than 120 characters. */
  readonly warnings?: readonly string[];
}

export interface Allow extends Told {
  readonly kind: 'allow';
}

export interface Deny extends Told {
  readonly kind: 'deny';
  readonly message: string;
  readonly reason: DenyReason;
  /** HTTP status. */
  readonly code: number;
}

export interface Mutate<O extends KubernetesObject> extends Told {
  readonly kind: 'mutate';
  readonly object: O;
}

export const allow = (told: Told = {}): Allow => ({ kind: 'allow', ...told });

/** @param message a sentence that says what is wrong and what to do; the API server puts the webhook's name before it */
export const deny = (
  message: string,
  { reason = 'Forbidden', ...told }: Told & { readonly reason?: DenyReason } = {},
): Deny => ({ kind: 'deny', message, reason, code: codes[reason], ...told });

/** @param object the whole object as it is to be; the one that was reviewed is frozen, so change a copy */
export const mutate = <O extends KubernetesObject>(object: O, told: Told = {}): Mutate<O> => ({
  kind: 'mutate',
  object,
  ...told,
});
