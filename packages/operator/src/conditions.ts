export type ConditionStatus = 'True' | 'False' | 'Unknown';

/** One observed fact, as `metav1.Condition`. */
export interface Condition {
  type: string;
  status: ConditionStatus;
  /** One CamelCase word. */
  reason: string;
  message: string;
  lastTransitionTime: string;
  observedGeneration?: number;
}

export type ConditionUpdate = Omit<Condition, 'lastTransitionTime'>;

/**
 * Puts one condition into a list, which stays in its order and is not changed itself.
 * `lastTransitionTime` moves only when `status` flips.
 * @param now milliseconds since 1970
 */
export function setCondition(
  list: readonly Condition[] | undefined,
  update: ConditionUpdate,
  now: number,
): Condition[] {
  const before = list?.find((condition) => condition.type === update.type);
  const since = before?.status === update.status ? before.lastTransitionTime : rfc3339(now);
  const next: Condition = { ...update, lastTransitionTime: since };
  if (before === undefined) return [...(list ?? []), next];
  return (list ?? []).map((condition) => (condition === before ? next : condition));
}

export function findCondition(list: readonly Condition[] | undefined, type: string): Condition | undefined {
  return list?.find((condition) => condition.type === type);
}

/** Kubernetes keeps times of conditions in whole seconds. */
export function rfc3339(now: number): string {
  return `${new Date(now).toISOString().slice(0, 19)}Z`;
}
