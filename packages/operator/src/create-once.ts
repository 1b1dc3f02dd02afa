import { isAlreadyExists } from './api-error.ts';
import type { Client, NamespacedOptions } from './client.ts';
import type { KubernetesObject, Resource } from './resource.ts';

/**
 * Creates an object whose name was computed, so that whoever finds it made already is as far as if it had made it.
 * @returns undefined when one of its name is there, whatever it says
 */
export async function createOnce<O extends KubernetesObject>(
  client: Client,
  resource: Resource<O>,
  object: O,
  options: NamespacedOptions = {},
): Promise<O | undefined> {
  try {
    return await client.create(resource, object, options);
  } catch (error) {
    if (isAlreadyExists(error)) return undefined;
    throw error;
  }
}
