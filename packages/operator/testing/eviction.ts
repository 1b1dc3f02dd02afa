import { ApiError } from '../src/api-error.ts';
import type { LabelSelector, Pod, PodDisruptionBudget } from '../src/builtin.ts';
import { selector } from './selectors.ts';

/**
 * The budget that an eviction counts against, if one covers the pod. A running pod counts as healthy; budgets' policies
 * for unhealthy pods are not looked at.
 * @throws ApiError `TooManyRequests` when it is used up, or no controller has looked at it since it last changed
 */
export function budgetFor(pod: Pod, budgets: readonly PodDisruptionBudget[]): PodDisruptionBudget | undefined {
  if (pod.status?.phase !== 'Running' || pod.metadata.deletionTimestamp !== undefined) return undefined;
  const [budget, ...others] = budgets.filter((one) => covers(one, pod));
  if (budget === undefined) return undefined;
  if (others.length > 0) {
    const why = 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.';
    throw new ApiError(500, 'InternalError', why);
  }
  const { name, generation = 0 } = budget.metadata;
  const {
    observedGeneration = 0,
    disruptionsAllowed = 0,
    desiredHealthy = 0,
    currentHealthy = 0,
  } = budget.status ?? {};
  if (observedGeneration < generation) {
    throw tooMany(`The disruption budget ${name} is still being processed by the server.`, 10_000);
  }
  if (disruptionsAllowed === 0) {
    throw tooMany(
      `The disruption budget ${name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`,
    );
  }
  return budget;
}

function tooMany(message: string, retryAfterMs?: number): ApiError {
  const why = "Cannot evict pod as it would violate the pod's disruption budget.";
  return new ApiError(429, 'TooManyRequests', why, {
    causes: [{ reason: 'DisruptionBudget', message }],
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}

function covers({ metadata, spec }: PodDisruptionBudget, pod: Pod): boolean {
  if (metadata.namespace !== pod.metadata.namespace || spec?.selector === undefined) return false;
  return selector({ labelSelector: spelled(spec.selector) }, [])(pod);
}

/** A selector of the API in the syntax of `kubectl get -l`. */
function spelled({ matchLabels = {}, matchExpressions = [] }: LabelSelector): string {
  const spellings = {
    In: (key: string, values: string) => `${key} in (${values})`,
    NotIn: (key: string, values: string) => `${key} notin (${values})`,
    Exists: (key: string) => key,
    DoesNotExist: (key: string) => `!${key}`,
  };
  return [
    ...Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`),
    ...matchExpressions.map(({ key, operator, values = [] }) => spellings[operator](key, values.join(','))),
  ].join(',');
}
