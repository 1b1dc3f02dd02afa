import type { JsonSchema } from '../src/crd/json-schema.ts';
import { equal, isObject, type JsonObject } from './json.ts';
import { listMapKeys } from './structural-validation.ts';

/** A step into a value: a member, an item of a list-map by its keys, or an item of a set by its value. */
type Step = { member: string } | { keys: JsonObject } | { value: unknown };
type Path = readonly Step[];

/** Leaf fields, each under its path's one spelling. */
export type FieldSet = Map<string, Path>;

const spell = (path: Path): string => JSON.stringify(path);

/**
 * The leaf fields of a value: scalars, empty objects, atomic lists and maps, and the items of list-maps and sets.
 * @param schema tells which lists are maps or sets and which objects are atomic; undefined: all lists are atomic
 */
export function leavesOf(value: unknown, schema: JsonSchema | undefined): FieldSet {
  const found: FieldSet = new Map();
  collect(value, schema, [], found);
  return found;
}

function collect(value: unknown, schema: JsonSchema | undefined, path: Path, found: FieldSet): void {
  const steps = membersOf(value, schema);
  if (steps === undefined || (steps.length === 0 && path.length > 0)) {
    found.set(spell(path), path);
    return;
  }
  for (const { step, member, schema: inner } of steps) collect(member, inner, [...path, step], found);
}

interface Member {
  step: Step;
  member: unknown;
  schema: JsonSchema | undefined;
}

/** @returns undefined for a value that is owned as a whole */
function membersOf(value: unknown, schema: JsonSchema | undefined): Member[] | undefined {
  if (isObject(value)) {
    if (schema?.['x-kubernetes-map-type'] === 'atomic') return undefined;
    return Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .map(([name, member]) => ({ step: { member: name }, member, schema: schemaOfMember(schema, name) }));
  }
  if (!Array.isArray(value)) return undefined;
  const keys = listMapKeys(schema);
  if (keys !== undefined) {
    return value.map((item) => ({ step: { keys: keysOf(item, keys) }, member: item, schema: schema?.items }));
  }
  if (schema?.['x-kubernetes-list-type'] === 'set') {
    return value.map((item) => ({ step: { value: item }, member: item, schema: undefined }));
  }
  return undefined;
}

export function schemaOfMember(schema: JsonSchema | undefined, name: string): JsonSchema | undefined {
  const additional = schema?.additionalProperties;
  return schema?.properties?.[name] ?? (typeof additional === 'object' ? additional : undefined);
}

function keysOf(item: unknown, keys: readonly string[]): JsonObject {
  return Object.fromEntries(keys.map((name) => [name, isObject(item) ? item[name] : undefined]));
}

/** @returns the value at a path, undefined when there is none */
export function read(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((at, step) => {
    if ('member' in step) return isObject(at) ? at[step.member] : undefined;
    return Array.isArray(at) ? at.find((item) => isAt(item, step)) : undefined;
  }, value);
}

function isAt(item: unknown, step: Step): boolean {
  if ('keys' in step) return isObject(item) && Object.entries(step.keys).every(([name, key]) => equal(item[name], key));
  return 'value' in step && equal(item, step.value);
}

/**
 * Lays one value over another as server-side apply does: objects member by member, list-maps by their keys, sets as
 * unions, all else replaced.
 * @returns a new value
 */
export function laidOver(live: unknown, applied: unknown, schema: JsonSchema | undefined): unknown {
  if (isObject(live) && isObject(applied) && schema?.['x-kubernetes-map-type'] !== 'atomic') {
    const out = { ...live };
    for (const [name, member] of Object.entries(applied)) {
      out[name] = laidOver(live[name], member, schemaOfMember(schema, name));
    }
    return out;
  }
  if (!Array.isArray(live) || !Array.isArray(applied)) return applied;
  const keys = listMapKeys(schema);
  if (keys !== undefined) {
    const out = [...live] as unknown[];
    for (const item of applied) {
      const index = out.findIndex((other) => isAt(other, { keys: keysOf(item, keys) }));
      if (index < 0) out.push(item);
      else out[index] = laidOver(out[index], item, schema?.items);
    }
    return out;
  }
  if (schema?.['x-kubernetes-list-type'] === 'set') {
    return [...live, ...applied.filter((item) => !live.some((other) => equal(other, item)))];
  }
  return applied;
}

/**
 * What a real server makes of a map that a manager says to be empty while its members go: null, which a schema without
 * `nullable` then refuses. A map that was empty or absent before may be said empty.
 * @param laid after an apply of `wanted` to `live`
 * @returns a new value
 */
export function withNullForEmptied(laid: unknown, live: unknown, wanted: FieldSet): unknown {
  const isEmptied = (path: Path): boolean => {
    const before = read(live, path);
    const after = read(laid, path);
    return isObject(before) && Object.keys(before).length > 0 && isObject(after) && isEmpty(after);
  };
  return [...wanted.values()].filter(isEmptied).reduce(withNullAt, laid);
}

function withNullAt(value: unknown, [step, ...rest]: Path): unknown {
  if (step === undefined) return null;
  if ('member' in step)
    return isObject(value) ? { ...value, [step.member]: withNullAt(value[step.member], rest) } : value;
  return Array.isArray(value) ? value.map((item) => (isAt(item, step) ? withNullAt(item, rest) : item)) : value;
}

/** Takes fields out of a value, and the items and objects that are empty without them. @returns a new value */
export function without(value: unknown, fields: FieldSet, kept: FieldSet): unknown {
  let out = value;
  // Deepest first: an item of a list-map goes with its keys, once nothing else of it is left to anyone.
  for (const path of [...fields.values()].sort((a, b) => b.length - a.length)) {
    if (!isKeyOfKeptItem(path, kept)) out = removed(out, path);
  }
  return out;
}

/** A list-map's item lives as long as someone has an opinion of any field of it, and needs its keys to be found. */
function isKeyOfKeptItem(path: Path, kept: FieldSet): boolean {
  const item = path.at(-2);
  const field = path.at(-1);
  if (item === undefined || field === undefined || !('keys' in item) || !('member' in field)) return false;
  if (!(field.member in item.keys)) return false;
  const prefix = spell(path.slice(0, -1)).slice(0, -1);
  return [...kept.keys()].some((other) => other.startsWith(`${prefix},`));
}

function removed(value: unknown, path: Path): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return undefined;
  if ('member' in step) {
    if (!isObject(value) || !(step.member in value)) return value;
    const { [step.member]: member, ...others } = value;
    const left = removed(member, rest);
    if (left === undefined || (rest.length > 0 && isEmpty(left))) return others;
    return { ...others, [step.member]: left };
  }
  if (!Array.isArray(value)) return value;
  return value.flatMap((item: unknown) => {
    if (!isAt(item, step)) return [item];
    const last = rest.at(0);
    if ('keys' in step && last !== undefined && 'member' in last && last.member in step.keys) return [];
    const left = removed(item, rest);
    return left === undefined || isEmpty(left) ? [] : [left];
  });
}

const isEmpty = (value: unknown): boolean =>
  isObject(value) ? Object.keys(value).length === 0 : Array.isArray(value) && value.length === 0;

/** Who has an opinion of which fields: by manager, way of writing and sub-resource. */
export type Owners = Map<string, FieldSet>;

/** A field that two managers want to be different. */
export interface FieldConflict {
  manager: string;
  field: string;
}

/** Fields that `applied` would change though another manager has them. */
export function conflictsOf(
  owners: Owners,
  self: string,
  live: unknown,
  applied: unknown,
  wanted: FieldSet,
): FieldConflict[] {
  const found: FieldConflict[] = [];
  for (const [manager, fields] of owners) {
    if (manager === self) continue;
    for (const [spelling, path] of wanted) {
      if (fields.has(spelling) && !equal(read(live, path), read(applied, path)))
        found.push({ manager, field: shown(path) });
    }
  }
  return found;
}

/** A write other than apply takes over what it changed, and ends what others thought of it. */
export function tookOver(
  owners: Owners,
  self: string,
  before: unknown,
  after: unknown,
  schema: JsonSchema | undefined,
): Owners {
  const now = leavesOf(after, schema);
  const changed: FieldSet = new Map();
  for (const [spelling, path] of now) if (!equal(read(before, path), read(after, path))) changed.set(spelling, path);
  const next: Owners = new Map();
  for (const [manager, fields] of owners) {
    const kept = new Map([...fields].filter(([spelling]) => now.has(spelling) && !changed.has(spelling)));
    if (kept.size > 0) next.set(manager, kept);
  }
  if (changed.size > 0) next.set(self, new Map([...(next.get(self) ?? []), ...changed]));
  return next;
}

/** @returns a path as messages show it, such as `.status.conditions[type="Ready"].message` */
function shown(path: Path): string {
  return path
    .map((step) => {
      if ('member' in step) return `.${step.member}`;
      if ('value' in step) return `[=${JSON.stringify(step.value)}]`;
      return `[${Object.entries(step.keys)
        .map(([name, key]) => `${name}=${JSON.stringify(key)}`)
        .join(',')}]`;
    })
    .join('');
}
