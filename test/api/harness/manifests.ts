import { HMCluster } from '../../../src/api/hm-cluster.schema.ts';
import { LocalDiskAction } from '../../../src/api/local-disk-action.schema.ts';
import { LocalDiskClaim } from '../../../src/api/local-disk-claim.schema.ts';
import { LocalDisk } from '../../../src/api/local-disk.schema.ts';
import { LocalStorageNode } from '../../../src/api/local-storage-node.schema.ts';
import { LocalVolumeMigrate } from '../../../src/api/local-volume-migrate.schema.ts';
import { LocalVolumeReplica } from '../../../src/api/local-volume-replica.schema.ts';
import { LocalVolume } from '../../../src/api/local-volume.schema.ts';

const gib = 1024 ** 3;
const time = '2026-01-02T03:04:05Z';
const condition = (type: string) => ({
  type,
  status: 'True' as const,
  reason: 'Seen',
  message: 'It was seen.',
  observedGeneration: 1,
  lastTransitionTime: time,
});
const metadata = (name: string) => ({ name });
const claim = {
  nodeName: 'node1',
  owner: 'local-storage',
  description: { diskType: 'HDD', capacity: gib, localDiskNames: ['localdisk-1'], devicePaths: ['/dev/sdb'] },
  wipe: true,
  diskRefs: [{ name: 'localdisk-1' }],
};
const encrypted = { enable: true, type: 'LUKS', secret: 'default/passphrase' };
const limited = { throughput: '100Mi', iops: '' };

/** One object of each kind with every group of its fields set, defaults included, and its status. */
export const manifests = [
  {
    resource: LocalVolume,
    object: {
      metadata: metadata('pvc-be53be2a-0b3c-4d4e-9a66-1f2e3d4c5b6a'),
      spec: {
        requiredCapacityBytes: gib,
        volumeQoS: limited,
        volumeEncrypt: encrypted,
        poolName: 'LocalStorage_PoolNVMe',
        replicaNumber: 2,
        convertible: true,
        accessibility: { nodes: ['node1', 'node2'], zones: ['default'], regions: ['default'] },
        pvcNamespace: 'default',
        pvcName: 'data-nginx-sts-0',
        volumegroup: '0f9a6c1e-7b2d-4a2b-8a53-1c2d3e4f5a6b',
        config: {
          version: 1,
          volumeName: 'pvc-be53be2a-0b3c-4d4e-9a66-1f2e3d4c5b6a',
          volumeId: '7d5e0f3c',
          requiredCapacityBytes: gib,
          convertible: true,
          resourceID: -1,
          readyToInitialize: true,
          initialized: false,
          replicas: [
            { id: 1, hostname: 'node1', ip: '10.0.0.1', primary: true },
            { id: 2, hostname: 'node2', ip: 'fd00::2', primary: false },
          ],
        },
        thin: false,
        thinOrigin: { originType: 'snapshot', originId: 'snapshot-1' },
        delete: false,
      },
    },
    status: {
      state: 'Ready',
      allocatedCapacityBytes: gib,
      usedCapacityBytes: 4096,
      totalInode: 1000,
      usedInode: 11,
      replicas: ['pvc-be53be2a-ca12f3'],
      publishedNode: '',
      fsType: 'xfs',
      rawblock: false,
      conditions: [condition('Ready')],
    },
  },
  {
    resource: LocalVolumeReplica,
    object: {
      metadata: metadata('pvc-1-ca12f3'),
      spec: {
        volumeName: 'pvc-1',
        volumeId: '7d5e0f3c',
        poolName: 'LocalStorage_PoolHDD',
        nodeName: 'node1',
        requiredCapacityBytes: gib,
        volumeQoS: limited,
        volumeEncrypt: encrypted,
        thin: true,
        thinOriginVolume: 'pvc-0',
        pair: {
          migrate: 'migrate-1',
          moveId: '0b9e9b5e',
          role: 'source',
          phase: 'Seed',
          resourceID: 7,
          port: 43008,
          minor: 43008,
          legs: [
            { node: 'node1', ip: '10.0.0.1' },
            { node: 'node2', ip: '10.0.0.2' },
          ],
        },
        delete: false,
      },
    },
    status: {
      state: 'Lost',
      storagePath: '/dev/LocalStorage_PoolHDD/pvc-1',
      devPath: '/dev/drbd43008',
      disks: ['/dev/sdb'],
      allocatedCapacityBytes: gib,
      synced: true,
      haState: { state: 'Consistent', reason: '' },
      inuse: false,
      volumeGroupUUID: 'Zx3vJk-1111-2222-3333-4444-5555-666666',
      logicalVolumeUUID: 'Zx3vJk-1111-2222-3333-4444-5555-777777',
      pair: {
        state: 'Seeded',
        connection: 'WFConnection',
        disk: 'UpToDate',
        peerDisk: 'DUnknown',
        role: 'Secondary',
        outOfSyncBytes: gib,
      },
      reason: 'LogicalVolumeMissing',
      message: 'The logical volume is not there.',
      since: time,
      deadline: time,
      nextTry: time,
      conditions: [condition('Ready')],
    },
  },
  {
    resource: LocalVolumeMigrate,
    object: {
      metadata: metadata('migrate-1'),
      spec: {
        volumeName: 'pvc-1',
        sourceNode: 'node1',
        targetNodesSuggested: [],
        migrateAllVols: true,
        abort: false,
      },
    },
    status: {
      state: 'Paired',
      originalReplicaNumber: 1,
      targetNode: 'node2',
      volumes: ['pvc-1'],
      resourceID: 7,
      moveId: '0b9e9b5e',
      legs: [
        { node: 'node1', ip: '10.0.0.1' },
        { node: 'node2', ip: '10.0.0.2' },
      ],
      bytes: gib,
      outOfSyncBytes: 4096,
      since: time,
      reason: 'Syncing',
      message: 'Node2 gets its copy.',
      conditions: [condition('Progressing')],
    },
  },
  {
    resource: LocalStorageNode,
    object: {
      metadata: metadata('full-node'),
      spec: { hostname: 'full-node', storageIP: '10.0.0.1', topogoly: { zone: 'default', region: 'default' } },
    },
    status: {
      state: 'Evicting',
      drbd: { version: '8.4.11', minors: [1_000], ports: [43_001] },
      pools: {
        LocalStorage_PoolHDD: {
          name: 'LocalStorage_PoolHDD',
          class: 'HDD',
          type: 'REGULAR',
          path: '/dev/LocalStorage_PoolHDD',
          totalCapacityBytes: 10 * gib,
          usedCapacityBytes: gib,
          freeCapacityBytes: 9 * gib,
          volumeCapacityBytesLimit: 10 * gib,
          totalVolumeCount: 1000,
          usedVolumeCount: 1,
          freeVolumeCount: 999,
          disks: [{ devPath: '/dev/sdb', type: 'HDD', capacityBytes: 10 * gib, state: 'InUse' }],
          volumes: ['pvc-1'],
        },
      },
      poolExtendRecords: { LocalStorage_PoolHDD: [claim] },
      eviction: { reason: 'Evicted', since: time, cordonedAt: time },
      plan: [{ volume: 'pvc-1', from: 'node1', to: 'node2', bytes: gib, state: 'Moving' }],
      conditions: [condition('Available'), condition('SafeToPowerOff')],
    },
  },
  {
    resource: LocalDisk,
    object: {
      metadata: metadata('localdisk-1'),
      spec: {
        nodeName: 'node1',
        preNodeName: '',
        uuid: 'serial-1',
        devicePath: '/dev/sdb',
        preDevicePath: '/dev/sdc',
        devLinks: ['/dev/disk/by-id/virtio-1'],
        capacity: 10 * gib,
        partitioned: true,
        partitionInfo: [{ path: '/dev/sdb1', hasFileSystem: true, filesystem: { fsType: 'ext4', mountPoint: '/mnt' } }],
        isRaid: false,
        raidInfo: {},
        supportSmart: true,
        smartInfo: { overallHealth: 'Passed' },
        diskAttributes: {
          type: 'HDD',
          devType: 'disk',
          vendor: 'VENDOR',
          product: 'PRODUCT',
          pciVendorID: '0x1af4',
          modelName: 'MODEL',
          serialNumber: '1',
          formFactor: '3.5 inches',
          rotationRate: 7200,
          protocol: 'SCSI',
        },
        state: 'Active',
        claimRef: { apiVersion: 'hwameistor.io/v1alpha1', kind: 'LocalDiskClaim', name: 'claim-1', uid: 'u' },
        reserved: false,
        owner: 'local-storage',
        major: '8',
        minor: '16',
      },
    },
    status: { claimState: 'Bound', conditions: [condition('Usable')] },
  },
  {
    resource: LocalDiskClaim,
    object: { metadata: metadata('claim-1'), spec: claim },
    status: {
      status: 'Extending',
      wipes: [
        {
          disk: 'localdisk-1',
          devicePath: '/dev/sdb',
          signatures: [{ type: 'ext4', uuid: 'u', offsetBytes: 1080, partition: '1' }],
          partitions: ['1'],
          wiped: true,
        },
      ],
      conditions: [condition('Bound')],
    },
  },
  {
    resource: LocalDiskAction,
    object: {
      metadata: metadata('keep-1'),
      spec: { action: 'reserve', rule: { minCapacity: gib, maxCapacity: 2 * gib, devicePath: '/dev/sd*' } },
    },
    status: {
      state: 'Settled',
      latestMatchedLds: ['localdisk-1'],
      reason: 'AllReserved',
      message: 'All disks that match are reserved: 1.',
      since: time,
      conditions: [condition('Reserved')],
    },
  },
  {
    resource: HMCluster,
    object: {
      metadata: metadata('cluster-sample'),
      spec: {
        targetNamespace: 'hwameistor',
        notClaimDisk: false,
        diskReserveConfigurations: [{ nodeName: 'node1', devices: ['/dev/sdc'] }],
        localStorage: { disable: false, member: { drbdStartPort: 43001, maxHAVolumeCount: 1000 } },
        scheduler: { disable: false, replicas: 1 },
        admissionController: { disable: false, failurePolicy: 'Ignore' },
        drbd: { disable: false, deployOnMaster: 'yes', drbdVersion: 'v9.0.32-1' },
        storageClass: { disable: false, allowVolumeExpansion: true, reclaimPolicy: 'Retain', fsType: 'xfs' },
      },
    },
    status: {
      phase: 'CreatedLDC',
      installedCRDS: true,
      drbdAdapterCreated: false,
      drbdAdapterCreatedJobNum: 0,
      componentStatus: {
        localStorage: {
          instances: {
            pods: [{ name: 'hwameistor-local-storage-x', node: 'node1', status: 'Running' }],
            desiredPodCount: 1,
            availablePodCount: 1,
            workloadType: 'DaemonSet',
            workloadName: 'hwameistor-local-storage',
          },
          health: 'Normal',
        },
      },
    },
  },
].map(({ resource, object, status }) => ({
  resource,
  status,
  object: { apiVersion: `${resource.group}/${resource.version}`, kind: resource.kind, ...object },
}));
