import { isNotFound } from './api-error.ts';
import type { Client } from './client.ts';
import type { Finalizer } from './controller.ts';
import type { KubernetesObject, ObjectMeta, Resource } from './resource.ts';

export const isBeingDeleted = ({ metadata }: Pick<KubernetesObject, 'metadata'>): boolean =>
  metadata.deletionTimestamp !== undefined;

/**
 * Puts the finalizer on an object that it is to hold, and takes it off one that it is not to.
 * @throws ApiError `Conflict` when someone wrote since
 */
export async function ensureFinalizer<O extends KubernetesObject>(
  client: Client,
  resource: Resource<O>,
  object: Readonly<O>,
  finalizer: Finalizer<O>,
): Promise<void> {
  const { name } = finalizer;
  const { finalizers = [] } = object.metadata;
  const isHeld = finalizer.holds?.(object) ?? true;
  if (isBeingDeleted(object) || finalizers.includes(name) === isHeld) return;
  const next = isHeld ? [...finalizers, name] : finalizers.filter((other) => other !== name);
  await client.update(resource, { ...object, metadata: { ...object.metadata, finalizers: next } });
}

/**
 * Lets an object go that stood for something which was seen to be gone: orders its deletion, and takes the finalizer
 * off. Gone already, or made anew under its name: nothing is done.
 */
export async function letGo<O extends KubernetesObject>(
  client: Client,
  resource: Resource<O>,
  { name, namespace, uid, deletionTimestamp }: ObjectMeta,
  finalizer: string | undefined,
): Promise<void> {
  const where = namespace === undefined ? {} : { namespace };
  if (deletionTimestamp === undefined)
    await client.delete(resource, name, { ...where, ...(uid !== undefined && { uid }) });
  if (finalizer === undefined) return;
  const left = await client.get(resource, name, where);
  if (left === undefined || (uid !== undefined && left.metadata.uid !== uid)) return;
  const { finalizers = [] } = left.metadata;
  if (!finalizers.includes(finalizer)) return;
  const metadata = { ...left.metadata, finalizers: finalizers.filter((other) => other !== finalizer) };
  try {
    await client.update(resource, { ...left, metadata });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
