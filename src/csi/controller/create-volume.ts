import { builtin, createOnce, findCondition, isConflict } from '@dot-kube/operator';
import { LocalVolume, type LocalVolumeSpec } from '../../api/local-volume.schema.ts';
import { volumeLabelKey, volumeNameOf } from '../../api/names.ts';
import { CsiError } from '../grpc/csi-error.ts';
import type { CreateVolumeRequest } from '../proto/csi_pb.js';
import { contentOf } from './capabilities.ts';
import { orderGone } from './delete-volume.ts';
import { parseParameters } from './parameters.ts';
import { fits, type WantedSize, wantedSize } from './size.ts';
import type { Task } from './task.ts';
import { accessibleTopology, askedNodes } from './topology.ts';
import { named, watchUntil } from './watch-until.ts';

interface Order {
  readonly name: string;
  readonly size: WantedSize;
  readonly spec: LocalVolumeSpec;
  readonly context: Record<string, string>;
}

/** Lost races with the controller, one after another; more is something else. */
const mostTries = 10;

/**
 * Orders a volume, and answers when pods can be put where it is. Asked again, it carries on. A volume that has room on none
 * of the nodes asked for is taken back, so that another node can be asked for.
 */
export async function createVolume(task: Task, request: CreateVolumeRequest) {
  const order = orderOf(request);
  for (let tries = 0; tries < mostTries; tries += 1) {
    const ordered = await ensureOrdered(task, order);
    if (ordered === undefined) continue;
    const outcome = await untilDecided(task, ordered);
    if (outcome.status?.state === 'Ready') {
      await untilPodsFindIt(task, order.name);
      return {
        volume: {
          volumeId: order.name,
          capacityBytes: BigInt(outcome.spec.requiredCapacityBytes),
          volumeContext: order.context,
          accessibleTopology: accessibleTopology(order.name),
        },
      };
    }
    if (await takenBack(task, outcome))
      throw new CsiError('RESOURCE_EXHAUSTED', outcome.status?.message ?? 'There is no room for the volume.');
  }
  throw new CsiError('ABORTED', `LocalVolume ${order.name} changes all the time. Ask again.`);
}

function orderOf(request: CreateVolumeRequest): Order {
  if (request.name === '') throw new CsiError('INVALID_ARGUMENT', 'The volume has no name.');
  if (request.volumeContentSource !== undefined)
    throw new CsiError(
      'INVALID_ARGUMENT',
      'The claim has a dataSource: volumes made from snapshots or other volumes are not made so far.',
    );
  const [mutable] = Object.keys(request.mutableParameters);
  if (mutable !== undefined)
    throw new CsiError('INVALID_ARGUMENT', `VolumeAttributesClass: parameter ${mutable} is not known.`);
  const content = contentOf(request.volumeCapabilities);
  const { poolName, pvcNamespace, pvcName, context } = parseParameters(request.parameters);
  const size = wantedSize(request.capacityRange, content);
  const nodes = askedNodes(request.accessibilityRequirements);
  return {
    name: volumeNameOf(request.name),
    size,
    context,
    spec: {
      requiredCapacityBytes: size.sizeBytes,
      poolName,
      replicaNumber: 1,
      convertible: false,
      delete: false,
      ...(nodes.length === 0 ? {} : { accessibility: accessibilityOf(nodes) }),
      ...(pvcNamespace === undefined ? {} : { pvcNamespace }),
      ...(pvcName === undefined ? {} : { pvcName }),
    },
  };
}

const accessibilityOf = (nodes: string[]): NonNullable<LocalVolumeSpec['accessibility']> => ({
  nodes,
  zones: ['default'],
  regions: ['default'],
});

/** @returns undefined when it changed meanwhile */
async function ensureOrdered(task: Task, order: Order): Promise<LocalVolume | undefined> {
  const { client, signal } = task;
  const { name, spec } = order;
  const present = await client.get(LocalVolume, name, { signal });
  if (present === undefined) return createOnce(client, LocalVolume, { metadata: { name }, spec }, { signal });
  if (present.spec.delete || present.metadata.deletionTimestamp !== undefined)
    throw new CsiError('ABORTED', `An earlier volume ${name} is being deleted; a new one comes after it. Ask again.`);
  const difference = differenceOf(present.spec, order);
  if (difference !== undefined)
    throw new CsiError('ALREADY_EXISTS', `There is a volume ${name} with another ${difference}.`);
  const asked = spec.accessibility?.nodes ?? [];
  const isSame = asked.join() === (present.spec.accessibility?.nodes ?? []).join();
  // Once it has a place it stays there: the scheduler puts the pod where the volume is.
  if (present.spec.config !== undefined || isSame) return present;
  const { accessibility: _before, ...others } = present.spec;
  const accessibility = asked.length === 0 ? {} : { accessibility: accessibilityOf(asked) };
  return unlessChanged(() =>
    client.update(LocalVolume, { ...present, spec: { ...others, ...accessibility } }, { signal }),
  );
}

function differenceOf(present: LocalVolumeSpec, { size, spec }: Order): string | undefined {
  if (!fits(present.requiredCapacityBytes, size)) return `size: ${present.requiredCapacityBytes} bytes`;
  if (present.poolName !== spec.poolName) return `pool: ${present.poolName}`;
  if (present.replicaNumber !== spec.replicaNumber) return `number of replicas: ${present.replicaNumber}`;
  return undefined;
}

async function unlessChanged<T>(write: () => Promise<T>): Promise<T | undefined> {
  try {
    return await write();
  } catch (error) {
    if (isConflict(error)) return undefined;
    throw error;
  }
}

/** Until it is Ready, or is said to have room on none of the nodes that it asks for now. */
const untilDecided = (task: Task, { metadata: { name, uid } }: LocalVolume): Promise<LocalVolume> =>
  watchUntil(task, LocalVolume, named(name), {
    judge: ([volume]) => {
      if (volume === undefined || volume.metadata.uid !== uid || volume.spec.delete)
        throw new CsiError('ABORTED', `Volume ${name} was deleted while it was made. Ask again.`);
      return volume.status?.state === 'Ready' || isWithoutRoom(volume) ? volume : undefined;
    },
    overdue: ([volume]) =>
      new CsiError('ABORTED', `Volume ${name} is not ready yet: ${volume?.status?.message ?? 'nobody looked at it'}`),
  });

const isWithoutRoom = ({ metadata, spec, status }: LocalVolume): boolean =>
  spec.config === undefined &&
  status?.reason === 'NoRoom' &&
  findCondition(status.conditions, 'Ready')?.observedGeneration === metadata.generation;

/** @returns false when it was given a place meanwhile */
async function takenBack(task: Task, volume: LocalVolume): Promise<boolean> {
  const order = await unlessChanged(() =>
    task.client.update(LocalVolume, { ...volume, spec: { ...volume.spec, delete: true } }, { signal: task.signal }),
  );
  if (order === undefined) return false;
  await orderGone(task, order);
  return true;
}

/** The scheduler looks when it binds: the label of the node stands before the answer. */
const untilPodsFindIt = (task: Task, name: string): Promise<true> =>
  watchUntil(
    task,
    builtin.Node,
    { labelSelector: `${volumeLabelKey(name)}=replica` },
    {
      judge: (nodes) => (nodes.length > 0 ? true : undefined),
      overdue: () =>
        new CsiError('ABORTED', `Volume ${name} is ready, and no node has the label ${volumeLabelKey(name)} yet.`),
    },
  );
