import { type Client, isNotFound, type KubernetesObject, type ObjectMeta, type Resource } from '@dot-kube/operator';

/**
 * Lets an object go that stood for something which was seen to be gone: orders its deletion, and takes our finalizer
 * off. Gone already, or made anew under its name: done.
 */
export async function removeObject<O extends KubernetesObject>(
  client: Client,
  resource: Resource<O>,
  { name, uid }: ObjectMeta,
  finalizer: string,
  signal: AbortSignal,
): Promise<void> {
  const options = uid === undefined ? { signal } : { signal, uid };
  await client.delete(resource, name, options);
  await dropFinalizer(client, resource, { name, ...(uid === undefined ? {} : { uid }) }, finalizer, signal);
}

/** Takes one finalizer off an object; not there: done. */
export async function dropFinalizer<O extends KubernetesObject>(
  client: Client,
  resource: Resource<O>,
  { name, uid }: ObjectMeta,
  finalizer: string,
  signal: AbortSignal,
): Promise<void> {
  const present = await client.get(resource, name, { signal });
  if (present === undefined || (uid !== undefined && present.metadata.uid !== uid)) return;
  const { finalizers = [] } = present.metadata;
  if (!finalizers.includes(finalizer)) return;
  const metadata = { ...present.metadata, finalizers: finalizers.filter((other) => other !== finalizer) };
  try {
    await client.update(resource, { ...present, metadata }, { signal });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
