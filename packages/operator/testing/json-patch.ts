import { ApiError } from '../src/api-error.ts';
import type { JsonPatchOperation } from '../src/client.ts';
import { copy, equal, isObject } from './json.ts';

type Holder = unknown[] | Record<string, unknown>;

/** JSON patch, RFC 6902. @returns a new value @throws ApiError `Invalid` when a step cannot be done */
export function jsonPatch(target: object, operations: readonly JsonPatchOperation[]): unknown {
  // One holder around it all, so that the root is a member like any other.
  const root = { '': copy(target) as unknown };
  for (const operation of operations) perform(root, operation);
  return root[''];
}

function perform(root: object, operation: JsonPatchOperation): void {
  switch (operation.op) {
    case 'test':
      if (!equal(at(root, operation.path), operation.value)) refuse(operation.path, 'testing value failed');
      return;
    case 'add':
      return add(root, operation.path, operation.value);
    case 'remove':
      return void remove(root, operation.path);
    case 'replace': {
      const { holder, member } = parentOf(root, operation.path);
      valueOf(holder, member, operation.path);
      (holder as Record<string, unknown>)[member] = copy(operation.value);
      return;
    }
    case 'copy':
      return add(root, operation.path, copy(at(root, operation.from)));
    case 'move':
      return add(root, operation.path, remove(root, operation.from));
  }
}

function add(root: object, path: string, value: unknown): void {
  const { holder, member } = parentOf(root, path);
  if (!Array.isArray(holder)) holder[member] = copy(value);
  else if (member === '-') holder.push(copy(value));
  else if (/^(0|[1-9]\d*)$/.test(member) && Number(member) <= holder.length)
    holder.splice(Number(member), 0, copy(value));
  else refuse(path, 'no such index');
}

function remove(root: object, path: string): unknown {
  const { holder, member } = parentOf(root, path);
  const value = valueOf(holder, member, path);
  if (Array.isArray(holder)) holder.splice(Number(member), 1);
  else delete holder[member];
  return value;
}

function at(root: object, path: string): unknown {
  const { holder, member } = parentOf(root, path);
  return valueOf(holder, member, path);
}

function parentOf(root: object, path: string): { holder: Holder; member: string } {
  const names = path.split('/').map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'));
  const member = names.pop()!;
  let holder: unknown = root;
  for (const name of names) holder = isHolder(holder) ? valueOf(holder, name, path) : undefined;
  return isHolder(holder) ? { holder, member } : refuse(path, 'no such member');
}

function valueOf(holder: Holder, member: string, path: string): unknown {
  return Object.hasOwn(holder, member) ? (holder as Record<string, unknown>)[member] : refuse(path, 'no such member');
}

const isHolder = (value: unknown): value is Holder => Array.isArray(value) || isObject(value);

function refuse(path: string, why: string): never {
  throw new ApiError(422, 'Invalid', `the server rejected our request due to an error in our request: ${path}: ${why}`);
}
