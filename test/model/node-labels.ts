import { builtin } from '@dot-kube/operator';
import { volumeLabelDomain, volumeLabelKey } from '../../src/api/names.ts';
import type { ModelCluster } from './cluster.ts';

/** By node: its labels that say where volumes can be used, without what all begin with. */
export const nodeLabels = async (cluster: ModelCluster): Promise<Record<string, Record<string, string>>> =>
  Object.fromEntries(
    [...(await cluster.objects(builtin.Node))].map(([name, { metadata }]) => [
      name,
      Object.fromEntries(
        Object.entries(metadata.labels ?? {}).flatMap(([key, value]) =>
          key.startsWith(`${volumeLabelDomain}/`) ? [[key.slice(volumeLabelDomain.length + 1), value]] : [],
        ),
      ),
    ]),
  );

/** By node: what the label of one volume says there. */
export const volumeLabels = async (cluster: ModelCluster, volume: string): Promise<Record<string, string>> =>
  Object.fromEntries(
    [...(await cluster.objects(builtin.Node))].flatMap(([name, { metadata }]) => {
      const value = metadata.labels?.[volumeLabelKey(volume)];
      return value === undefined ? [] : [[name, value]];
    }),
  );
