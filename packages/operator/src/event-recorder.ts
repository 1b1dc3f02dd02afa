import { createHash } from 'node:crypto';
import { isAlreadyExists } from './api-error.ts';
import { builtin, type Event, type ObjectReference } from './builtin.ts';
import type { Client } from './client.ts';
import type { Clock } from './clock.ts';
import type { Log } from './log.ts';
import { apiVersionOf, type KubernetesObject, type Resource } from './resource.ts';

/** What a person should see: a specific reason, and a sentence. */
export interface EmittedEvent {
  type: 'Normal' | 'Warning';
  /** One CamelCase word. */
  reason: string;
  message: string;
  /** Another object than the pass's own that this is about. */
  regarding?: KubernetesObject;
}

export interface Events {
  emit(event: EmittedEvent): void;
}

/** Events that wait for the API server; more are dropped, and that is logged. */
const maxWaiting = 1000;

/** The same thing is told again only after this time; until then it is not worth a write. */
const quietMs = 60_000;

/** What was told last is remembered for so many things. */
const maxRemembered = 2000;

/** The API server's limit for the note of an event, in characters. */
const maxNoteLength = 1024;

/** Writes Kubernetes Events one after the other, beside the passes; a failure is logged and costs no pass. */
export class EventRecorder {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #instance: string;
  readonly #told = new Map<string, number>();
  #waiting = 0;
  #last: Promise<void> = Promise.resolve();

  /** @param instance which process speaks, such as the name of its pod */
  constructor(client: Client, clock: Clock, log: Log, instance: string) {
    this.#client = client;
    this.#clock = clock;
    this.#log = log;
    this.#instance = instance;
  }

  /** @param controller who speaks */
  for(controller: string, resource: Resource, object: KubernetesObject): Events {
    return {
      emit: (event) => {
        const regarding =
          event.regarding === undefined ? referenceTo(object, resource) : referenceTo(event.regarding, undefined);
        this.#add(controller, regarding, event);
      },
    };
  }

  idle(): boolean {
    return this.#waiting === 0;
  }

  /** Waits until all that was emitted is written or given up. */
  flush(): Promise<void> {
    return this.#last;
  }

  #add(controller: string, regarding: ObjectReference, event: EmittedEvent): void {
    const now = this.#clock.now();
    const note = event.message.slice(0, maxNoteLength);
    const name = nameOf(controller, regarding, event.type, event.reason, note);
    const toldAt = this.#told.get(name);
    if (toldAt !== undefined && now - toldAt < quietMs) return;
    if (this.#waiting >= maxWaiting) {
      this.#log.warn({ reason: event.reason, regarding }, 'Dropped an event: too many wait');
      return;
    }
    this.#told.delete(name);
    this.#told.set(name, now);
    const [oldest] = this.#told.keys();
    if (this.#told.size > maxRemembered && oldest !== undefined) this.#told.delete(oldest);

    const object: Event = {
      metadata: { name, namespace: regarding.namespace ?? 'default' },
      eventTime: microTime(now),
      type: event.type,
      reason: event.reason,
      action: 'Reconcile',
      note,
      regarding,
      reportingController: controller,
      reportingInstance: this.#instance,
    };
    this.#waiting += 1;
    this.#last = this.#writeAfter(this.#last, object);
  }

  async #writeAfter(earlier: Promise<void>, event: Event): Promise<void> {
    await earlier;
    try {
      await this.#write(event);
    } catch (error) {
      const { reason, regarding } = event;
      this.#log.warn({ err: error, reason, regarding }, 'Could not write an event');
    } finally {
      this.#waiting -= 1;
    }
  }

  /** The name says what happened, so that the same thing happening again is counted, also by another process. */
  async #write(event: Event): Promise<void> {
    const namespace = event.metadata.namespace!;
    try {
      await this.#client.create(builtin.Event, event);
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      const known = await this.#client.get(builtin.Event, event.metadata.name, { namespace });
      const count = (known?.series?.count ?? 1) + 1;
      const series = { count, lastObservedTime: event.eventTime };
      await this.#client.patch(builtin.Event, event.metadata.name, { series }, { namespace });
    }
  }
}

function referenceTo(object: KubernetesObject, resource: Resource | undefined): ObjectReference {
  const { name, namespace, uid } = object.metadata;
  const apiVersion = object.apiVersion ?? (resource && apiVersionOf(resource));
  const kind = object.kind ?? resource?.kind;
  return {
    ...(apiVersion !== undefined && { apiVersion }),
    ...(kind !== undefined && { kind }),
    name,
    ...(namespace !== undefined && { namespace }),
    ...(uid !== undefined && { uid }),
  };
}

function nameOf(controller: string, regarding: ObjectReference, ...words: string[]): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([controller, regarding, words]))
    .digest('hex');
  return `${regarding.name?.slice(0, 200)}.${hash.slice(0, 16)}`;
}

/** RFC 3339 with microseconds, as `metav1.MicroTime` wants it. */
export function microTime(now: number): string {
  return new Date(now).toISOString().replace('Z', '000Z');
}
