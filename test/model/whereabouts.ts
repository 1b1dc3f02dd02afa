import { LocalVolumeWriter } from '../../src/api/local-volume-writer.schema.ts';
import { LocalVolume } from '../../src/api/local-volume.schema.ts';
import { copies, leftovers } from './builders.ts';
import type { ModelCluster } from './cluster.ts';

/** Where the data are, by everyone's word: they must all say the same one place. */
export async function wherever(cluster: ModelCluster) {
  const volume = (await cluster.objects(LocalVolume)).get('vol');
  const record = (await cluster.objects(LocalVolumeWriter)).get('vol');
  return {
    copies: copies(cluster, 'vol'),
    config: volume?.spec.config?.replicas.map(({ hostname }) => hostname),
    state: volume?.status?.state,
    inSync: record?.spec.inSync.map(({ node }) => node),
    moveTo: record?.spec.moveTo,
    leftovers: leftovers(cluster, 'vol'),
  };
}

/** What `wherever` finds when all is well: one copy, and nothing else. */
export const wholeOn = (node: string) => ({
  copies: { [node]: 'precious' },
  config: [node],
  state: 'Ready',
  inSync: [node],
  moveTo: undefined,
  leftovers: [],
});
