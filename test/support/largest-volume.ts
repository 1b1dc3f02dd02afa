import { metadataVolumeName } from '../../src/api/names.ts';
import { logicalVolumeTags } from '../../src/api/tags.ts';

const uuid = '7c9e6679-7425-40de-944b-e07fc1f90ae7';
const lvmUuid = '8SG0dx-rGeR-mkhe-7YdQ-I49i-BIrc-QwHv3U';

/** As long as Kubernetes allows. */
export const longNodeName = 'n'.repeat(63);

const ours = { cluster: uuid, volume: uuid, unwiped: true };
const name = `pvc-${uuid}`;

/** The volume that takes most of LVM's metadata area: with every tag of ours, and what stands beside it while it moves. */
export const largestVolume = {
  data: {
    name,
    tags: logicalVolumeTags({
      ...ours,
      role: 'data',
      epoch: 2 ** 48,
      inSync: ['1', '2'].map((number) => ({ node: `${longNodeName.slice(1)}${number}`, vgUUID: lvmUuid })),
      formatted: 'unknown',
      seeded: uuid,
      metadataMade: uuid,
      deleting: true,
      claim: `${'n'.repeat(63)}/${'c'.repeat(253)}`,
      replicas: 2,
    }),
  },
  metadata: { name: metadataVolumeName(name), tags: logicalVolumeTags({ ...ours, role: 'drbd-meta' }) },
} as const;
