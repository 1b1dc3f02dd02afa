import { type AbsentPass, after, createOnce, done, type Result } from '@dot-kube/operator';
import { LocalStorageNode } from '../../../api/local-storage-node.schema.ts';
import { LocalVolumeReplica } from '../../../api/local-volume-replica.schema.ts';
import { LocalVolume, type LocalVolumeSpec } from '../../../api/local-volume.schema.ts';
import { dataProtectionFinalizer } from '../../../api/names.ts';
import { firstConfig } from '../volume-config.ts';
import { whatCopiesSay } from './what-copies-say.ts';

/** How often copies are looked at that say too little of their volume. */
const lookMs = 15_000;

/**
 * Makes a LocalVolume anew whose copies are there and want it: an object of ours goes after its copies, so one that is
 * missing was lost. Its lifecycle goes on from there, and makes the writer record anew where that is gone too.
 */
export async function rebuildVolume({ name, client, cache, events }: AbsentPass): Promise<Result> {
  if (cache.list(LocalVolumeReplica, ({ spec }) => spec.volumeName === name).length === 0) return done;
  // In this order: what goes away between the two looks are the copies, and then there is nothing to make.
  if ((await client.get(LocalVolume, name)) !== undefined) return done;
  const { items } = await client.list(LocalVolumeReplica, { fieldSelector: `spec.volumeName=${name}` });
  const copies = items.filter(({ metadata, spec }) => !spec.delete && metadata.deletionTimestamp === undefined);
  if (copies.length === 0) return done;

  const said = whatCopiesSay(copies);
  if (said.good.length === 0) {
    const message = `LocalVolume ${name} is gone. ${said.kind === 'undecided' ? said.message : ''}`;
    events.emit({ type: 'Warning', reason: said.kind === 'undecided' ? said.reason : 'NoGoodCopy', message });
    return after(lookMs);
  }
  const spec = specFrom(name, said.good, cache.list(LocalStorageNode));
  const made = await createOnce(client, LocalVolume, {
    metadata: { name, finalizers: [dataProtectionFinalizer] },
    spec,
  });
  if (made === undefined) return done;
  const from = said.good.map(({ metadata }) => metadata.name).join(', ');
  const message = `LocalVolume ${name} was gone, and was made anew from what its copies say: ${from}.`;
  events.emit({ type: 'Warning', reason: 'VolumeFound', message });
  return done;
}

function specFrom(
  name: string,
  good: readonly LocalVolumeReplica[],
  nodes: readonly LocalStorageNode[],
): LocalVolumeSpec {
  const [first] = good;
  const { volumeId, poolName } = first?.spec ?? {};
  if (volumeId === undefined || poolName === undefined) throw new Error(`no copy of ${name} names its volume`);
  const recorded = good.flatMap(({ status }) => status?.recorded ?? []);
  const [pvcNamespace, pvcName] = recorded.find(({ claim }) => claim !== undefined)?.claim?.split('/') ?? [];
  const requiredCapacityBytes = Math.max(...good.map(({ spec }) => spec.requiredCapacityBytes));
  const on = good.map(({ spec }) => spec.nodeName);
  return {
    requiredCapacityBytes,
    poolName,
    replicaNumber: recorded.find(({ replicas }) => replicas !== undefined)?.replicas ?? good.length,
    convertible: false,
    delete: false,
    ...(pvcNamespace === undefined || pvcName === undefined ? {} : { pvcNamespace, pvcName }),
    config: firstConfig({ volumeName: name, volumeId, requiredCapacityBytes, on, nodes }),
  };
}
