import type { Lab } from '../../lab/index.ts';
import { busyboxImage } from '../../lab/images.ts';
import { classes } from './product.ts';

interface ClaimOptions {
  readonly storageClassName?: string;
  readonly storage?: string;
  readonly accessMode?: string;
  readonly block?: boolean;
}

/** A claim, as users write it. */
export const claim = (
  name: string,
  { storageClassName = classes.ext4, storage = '64Mi', accessMode = 'ReadWriteOnce', block = false }: ClaimOptions = {},
) => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name },
  spec: {
    accessModes: [accessMode],
    storageClassName,
    ...(block ? { volumeMode: 'Block' } : {}),
    resources: { requests: { storage } },
  },
});

/** A container that has the volume `data` at /data, or a raw one at /dev/data. */
export const container = (script: string, { block = false } = {}) => ({
  name: 'main',
  image: busyboxImage,
  imagePullPolicy: 'Never',
  command: ['sh', '-c', script],
  ...(block
    ? { volumeDevices: [{ name: 'data', devicePath: '/dev/data' }] }
    : { volumeMounts: [{ name: 'data', mountPath: '/data' }] }),
});

/** A pod with the claim of its own name. */
export const podWithClaim = (
  name: string,
  script: string,
  { block = false, spec = {} }: { block?: boolean; spec?: object } = {},
) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name },
  spec: {
    terminationGracePeriodSeconds: 1,
    // A node that was off for a while is Ready again before its pods would be taken away.
    tolerations: [{ operator: 'Exists', effect: 'NoExecute' }],
    containers: [container(script, { block })],
    volumes: [{ name: 'data', persistentVolumeClaim: { claimName: name } }],
    ...spec,
  },
});

/** One field of one object, by kubectl's jsonpath; empty while the object or the field is not there. */
export const field = async (lab: Lab, object: string, jsonpath: string): Promise<string> =>
  (await lab.kubectl(['get', object, '--ignore-not-found', '-o', `jsonpath={${jsonpath}}`])).stdout;

export const inPod = (lab: Lab, pod: string, script: string): Promise<string> =>
  lab.runKubectl(['exec', pod, '--', 'sh', '-c', script]);

/** Reasons and words of the Events of an object, warnings first. */
export const eventsOf = (lab: Lab, kind: string, name: string): Promise<string> =>
  lab.runKubectl([
    'get',
    'events',
    `--field-selector=involvedObject.kind=${kind},involvedObject.name=${name}`,
    '-o',
    'jsonpath={range .items[*]}{.type} {.reason}: {.message}{"\\n"}{end}',
  ]);

/** The volume of a claim. */
export const volumeOf = (lab: Lab, claimName: string): Promise<string> =>
  field(lab, `pvc/${claimName}`, '.spec.volumeName');

/** Whatever is left on the nodes and in the API of volumes: nothing, when all were deleted. */
export async function leftovers(lab: Lab): Promise<string[]> {
  const { nodes } = await lab.status();
  const onNodes = await Promise.all(
    nodes.map(async ({ name }) => {
      const script =
        "lvs --noheadings -o lv_name; grep -o '/[^ ]*lvm.hwameistor.io/[0-9a-f][^ ]*' /proc/1/mountinfo || true; dmsetup ls --target linear | grep -v 'No devices' || true";
      const found = (await lab.node(name).shell(script)).split('\n').map((line) => line.trim());
      return found.filter((line) => line !== '').map((line) => `${name}: ${line}`);
    }),
  );
  const objects = await lab.runKubectl(['get', 'lv,lvr,lvw,pv', '-o', 'name']);
  const labels = await lab.runKubectl(['get', 'nodes', '-o', 'jsonpath={.items[*].metadata.labels}']);
  return [
    ...onNodes.flat(),
    ...objects.split('\n').filter((line) => line !== ''),
    ...(labels.match(/volume\.hwameistor\.io\/[^"]+/g) ?? []),
  ];
}
