import { isDeepStrictEqual } from 'node:util';

export type JsonObject = Record<string, unknown>;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const equal = (a: unknown, b: unknown): boolean => isDeepStrictEqual(a, b);

/** What is left of a value once it went over the wire: undefined members are gone. */
export const copy = <T>(value: T): T => (value === undefined ? value : (JSON.parse(JSON.stringify(value)) as T));

/** @param path as in field selectors and printer columns: `.spec.nodeName` or `spec.nodeName` */
export function valueAt(object: unknown, path: string): unknown {
  let value = object;
  for (const name of path.replace(/^\./, '').split('.')) value = isObject(value) ? value[name] : undefined;
  return value;
}

/** JSON merge patch, RFC 7396. @returns a new value */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const out: JsonObject = isObject(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete out[name];
    else out[name] = mergePatch(out[name], value);
  }
  return out;
}
