import * as z from 'zod';
import { conditions } from './conditions.ts';
import { age, customResource, type CustomObject } from './custom-resource.ts';
import { count, devicePath, message, nodeName, objectName, poolClass, text } from './fields.ts';

/** How far the first installation is; "" until every component works. */
export const clusterPhases = ['', 'ToReserve', 'Reserved', 'CreatedLDC'] as const;

const quantities = () => z.record(z.string(), text(64)).meta({ maxProperties: 16 });

const resources = () =>
  z
    .object({ limits: quantities().exactOptional(), requests: quantities().exactOptional() })
    .describe('As in a container of Kubernetes.');

const image = () =>
  z.object({
    registry: text(253).exactOptional(),
    repository: text(512).exactOptional(),
    tag: text(128).exactOptional(),
  });

const container = () => z.object({ image: image().exactOptional(), resources: resources().exactOptional() });

const imageAndResources = { image: image().exactOptional(), resources: resources().exactOptional() };

const replicas = () => z.int().min(0).max(16).describe('Number of pods.').exactOptional();

const disable = () => z.boolean().describe('Leave this component out.').default(false);

/** A component with the one container that the original's manifests name inside it. */
const component = <Name extends string>(name: Name, more = {}) =>
  z
    .object({
      disable: disable(),
      replicas: replicas(),
      ...imageAndResources,
      ...({ [name]: container().exactOptional() } as Record<Name, z.ZodExactOptional<ReturnType<typeof container>>>),
      ...more,
    })
    .exactOptional();

const csi = () =>
  z.object({
    enable: z.boolean().exactOptional(),
    registrar: container().exactOptional(),
    controller: z
      .object({
        replicas: replicas(),
        provisioner: container().exactOptional(),
        attacher: container().exactOptional(),
        resizer: container().exactOptional(),
        monitor: container().exactOptional(),
        snapshotController: container().exactOptional(),
        snapshotter: container().exactOptional(),
      })
      .exactOptional(),
  });

const spec = z.object({
  targetNamespace: text(63).describe('Namespace of everything.').default('hwameistor'),
  notClaimDisk: z.boolean().describe('Make no claim for the disks found at first.').default(false),
  diskReserveConfigurations: z
    .array(z.object({ nodeName: nodeName(), devices: z.array(devicePath()).max(256) }))
    .max(1024)
    .describe('Disks that are never claimed.')
    .exactOptional(),
  localDiskManager: z
    .object({
      kubeletRootDir: devicePath().exactOptional(),
      csi: csi().exactOptional(),
      manager: container().exactOptional(),
      tolerationOnMaster: z.boolean().exactOptional(),
    })
    .exactOptional(),
  localStorage: z
    .object({
      disable: disable(),
      kubeletRootDir: devicePath().exactOptional(),
      csi: csi().exactOptional(),
      member: z
        .object({
          drbdStartPort: z.int().min(1).max(65535).exactOptional(),
          maxHAVolumeCount: z.int().min(0).max(65535).exactOptional(),
          rcloneImage: image().exactOptional(),
          juicesyncImage: image().exactOptional(),
          hostPathSSHDir: devicePath().exactOptional(),
          hostPathDRBDDir: devicePath().exactOptional(),
          ...imageAndResources,
        })
        .exactOptional(),
      tolerationOnMaster: z.boolean().exactOptional(),
      snapshot: z.object({ disable: disable() }).exactOptional(),
    })
    .exactOptional(),
  scheduler: component('scheduler'),
  evictor: component('evictor'),
  admissionController: component('controller', {
    failurePolicy: z.enum(['Ignore', 'Fail']).exactOptional(),
  }),
  apiServer: component('server', {
    authentication: z
      .object({
        enable: z.boolean().default(false),
        accessId: text(256).exactOptional(),
        secretKey: text(256).exactOptional(),
      })
      .exactOptional(),
  }),
  exporter: component('collector'),
  auditor: component('auditor'),
  failoverAssistant: component('failoverAssistant'),
  pvcAutoResizer: component('autoResizer'),
  localDiskActionController: component('controller'),
  ui: component('ui'),
  drbd: z
    .object({
      disable: disable(),
      deployOnMaster: text(16).exactOptional(),
      imageRegistry: text(253).exactOptional(),
      imageRepoOwner: text(253).exactOptional(),
      imagePullPolicy: z.enum(['Always', 'IfNotPresent', 'Never']).exactOptional(),
      shipper: image().exactOptional(),
      drbdVersion: text(64).exactOptional(),
      upgrade: text(16).exactOptional(),
      checkHostName: text(16).exactOptional(),
      useAffinity: text(16).exactOptional(),
      nodeAffinity: z.unknown().meta({ type: 'object', 'x-kubernetes-preserve-unknown-fields': true }).exactOptional(),
      chartVersion: text(64).exactOptional(),
    })
    .describe('How the DRBD module gets onto the nodes.')
    .exactOptional(),
  rbac: z.object({ serviceAccountName: objectName().exactOptional() }).exactOptional(),
  storageClass: z
    .object({
      disable: disable(),
      allowVolumeExpansion: z.boolean().exactOptional(),
      reclaimPolicy: z.enum(['Retain', 'Delete']).exactOptional(),
      fsType: text(32).exactOptional(),
    })
    .describe('The StorageClasses that are made for each pool.')
    .exactOptional(),
  dataLoadManager: component('dataLoadManager'),
  dataSetManager: component('dataSetManager'),
  datasetDefaultPoolClass: poolClass().exactOptional(),
});

const componentStatus = z.object({
  instances: z
    .object({
      pods: z
        .array(
          z.object({
            name: text(253).exactOptional(),
            node: text(253).exactOptional(),
            status: text(64).exactOptional(),
          }),
        )
        .max(4096)
        .exactOptional(),
      desiredPodCount: count().exactOptional(),
      availablePodCount: count().exactOptional(),
      workloadType: text(64).exactOptional(),
      workloadName: text(253).exactOptional(),
    })
    .exactOptional(),
  csi: text(64).exactOptional(),
  health: text(64).describe('Normal or Abnormal.').exactOptional(),
  message: message().exactOptional(),
});

const status = z.object({
  phase: z.enum(clusterPhases).exactOptional(),
  installedCRDS: z.boolean().exactOptional(),
  drbdAdapterCreated: z.boolean().exactOptional(),
  drbdAdapterCreatedJobNum: count().exactOptional(),
  componentStatus: z
    .record(z.string(), componentStatus)
    .meta({ maxProperties: 64 })
    .describe('Pods and health by component.')
    .exactOptional(),
  conditions: conditions().exactOptional(),
});

export type HMClusterSpec = z.infer<typeof spec>;
export type HMClusterStatus = z.infer<typeof status>;
export type HMCluster = CustomObject<HMClusterSpec, HMClusterStatus>;

export const HMCluster = customResource({
  kind: 'HMCluster',
  plural: 'hmclusters',
  shortNames: ['hmc'],
  description: 'What is installed in this cluster, and how it is.',
  spec,
  status,
  columns: [
    { name: 'phase', type: 'string', jsonPath: '.status.phase' },
    { name: 'age', ...age },
  ],
  selectableFields: [],
  validations: [],
});
