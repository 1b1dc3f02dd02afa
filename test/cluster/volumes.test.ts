import { afterAll, expect, test } from 'vitest';
import { describeOnCluster, readiness } from './harness/cluster.ts';
import { apply, eventually } from './harness/kubectl.ts';
import { classes } from './harness/product.ts';
import { claim, container, eventsOf, field, inPod, leftovers, podWithClaim, volumeOf } from './harness/volumes.ts';

const stay = 'exec sleep infinity';
/** Writes down each start, then stays. */
const count = 'echo start >> /data/starts; sync; exec sleep infinity';

describeOnCluster('volumes for pods', (lab) => {
  const running = (pod: string, restarts = 0) =>
    eventually(
      `${pod} running`,
      () => readiness(lab(), pod),
      (seen) => seen === `True ${restarts}`,
    );
  const remove = async (...names: string[]): Promise<void> => {
    await lab().runKubectl(['delete', 'pod', ...names, '--ignore-not-found', '--timeout=180s']);
    await lab().runKubectl(['delete', 'pvc', ...names, '--ignore-not-found', '--timeout=180s']);
  };
  const nothingLeft = () =>
    eventually(
      'everything of the volumes going',
      () => leftovers(lab()),
      (left) => left.length === 0,
    );

  afterAll(async () => {
    await lab().runKubectl(['delete', 'pods,pvc', '--all', '--wait=false']);
  });

  test('a pod gets the file system that its class names, and grows it while it is in use', async () => {
    const kinds = { ext4: '64Mi', xfs: '320Mi' } as const;
    for (const [fsType, storage] of Object.entries(kinds)) {
      const name = `fs-${fsType}`;
      await apply(
        lab(),
        claim(name, { storageClassName: classes[fsType as 'ext4'], storage }),
        podWithClaim(name, count),
      );
    }
    const blocks = async (pod: string) =>
      Number((await inPod(lab(), pod, "df -kP /data | awk 'NR==2{print $2}'")).trim());
    for (const fsType of Object.keys(kinds)) {
      const name = `fs-${fsType}`;
      await running(name);
      expect(await inPod(lab(), name, 'grep " /data " /proc/mounts')).toContain(` ${fsType} rw`);
      const node = await field(lab(), `pod/${name}`, '.spec.nodeName');
      const volume = await volumeOf(lab(), name);
      expect(await field(lab(), `lv/${volume}`, '.status.publishedNode')).toBe(node);
      expect(await field(lab(), `node/${node}`, `.metadata.labels.volume\\.hwameistor\\.io/${volume}`)).toBe('replica');
      const before = await blocks(name);
      const patch = JSON.stringify({ spec: { resources: { requests: { storage: '640Mi' } } } });
      await lab().runKubectl(['patch', 'pvc', name, '-p', patch]);
      await eventually(
        `${name} growing`,
        () => blocks(name),
        (seen) => seen > 1.5 * before && seen > 550 * 1024,
      );
      expect(await inPod(lab(), name, 'cat /data/starts')).toBe('start\n');
    }
  });

  test('its data are there again for the next pod, and after a power loss of the node', async () => {
    await lab().runKubectl(['delete', 'pod', 'fs-ext4', '--timeout=120s']);
    await apply(lab(), podWithClaim('fs-ext4', count));
    await running('fs-ext4');
    expect(await inPod(lab(), 'fs-ext4', 'cat /data/starts')).toBe('start\nstart\n');
    const node = lab().node(await field(lab(), 'pod/fs-ext4', '.spec.nodeName'));
    await node.kill();
    await node.boot();
    await running('fs-ext4', 1);
    expect(await inPod(lab(), 'fs-ext4', 'cat /data/starts')).toBe('start\nstart\nstart\n');
    await remove('fs-ext4', 'fs-xfs');
    await nothingLeft();
  });

  test('a raw volume holds nothing of an earlier tenant', async () => {
    await apply(lab(), claim('raw', { block: true }), podWithClaim('raw', stay, { block: true }));
    await running('raw');
    expect(await inPod(lab(), 'raw', 'tr -d "\\000" < /dev/data | wc -c')).toBe('0\n');
    await inPod(lab(), 'raw', 'echo a word | dd of=/dev/data conv=fsync');
    await lab().runKubectl(['delete', 'pod', 'raw', '--timeout=120s']);
    await apply(lab(), podWithClaim('raw', stay, { block: true }));
    await running('raw');
    expect(await inPod(lab(), 'raw', 'head -c 6 /dev/data')).toBe('a word');
    await remove('raw');
  });

  test('who is not root writes by the group of the pod', async () => {
    const spec = { securityContext: { runAsUser: 1000, runAsGroup: 3000, fsGroup: 2000 } };
    await apply(lab(), claim('group'), podWithClaim('group', 'id -u > /data/who && exec sleep infinity', { spec }));
    await running('group');
    expect(await inPod(lab(), 'group', 'cat /data/who; stat -c %g /data/who')).toBe('1000\n2000\n');
    await remove('group');
  });

  test('a claim that several nodes would share is refused in words', async () => {
    await apply(lab(), claim('shared', { accessMode: 'ReadWriteMany' }), podWithClaim('shared', stay));
    const events = await eventually(
      'a refusal',
      () => eventsOf(lab(), 'PersistentVolumeClaim', 'shared'),
      (seen) => seen.includes('ProvisioningFailed'),
    );
    expect(events).toMatch(/ReadWriteOnce/);
    await remove('shared');
  });

  test('each pod of a StatefulSet has a volume of its own, and affinity between pods is kept', async () => {
    const affinity = {
      podAntiAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [
          { labelSelector: { matchLabels: { app: 'db' } }, topologyKey: 'kubernetes.io/hostname' },
        ],
      },
    };
    const statefulSet = {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name: 'db' },
      spec: {
        replicas: 3,
        serviceName: 'db',
        podManagementPolicy: 'Parallel',
        selector: { matchLabels: { app: 'db' } },
        template: {
          metadata: { labels: { app: 'db' } },
          spec: {
            terminationGracePeriodSeconds: 1,
            affinity,
            containers: [container('hostname > /data/name; exec sleep infinity')],
          },
        },
        volumeClaimTemplates: [claim('data')],
      },
    };
    await apply(lab(), statefulSet);
    const pods = ['db-0', 'db-1', 'db-2'];
    for (const pod of pods) await running(pod);
    const nodes = await Promise.all(pods.map((pod) => field(lab(), `pod/${pod}`, '.spec.nodeName')));
    expect(nodes.toSorted()).toEqual(['node1', 'node2', 'node3']);
    for (const pod of pods) expect(await inPod(lab(), pod, 'cat /data/name')).toBe(`${pod}\n`);
    await lab().runKubectl(['delete', 'statefulset', 'db', '--timeout=120s']);
    await remove(...pods.map((pod) => `data-${pod}`));
    await nothingLeft();
  });

  test('a volume that was kept is found by its claim and reclaimed by hand', async () => {
    await apply(lab(), claim('kept', { storageClassName: classes.retained }), podWithClaim('kept', count));
    await running('kept');
    const volume = await volumeOf(lab(), 'kept');
    const mapping = await lab().runKubectl([
      'get',
      'lv',
      volume,
      '-o',
      'jsonpath={.metadata.name} -> {.spec.pvcNamespace}/{.spec.pvcName}{"\\n"}',
    ]);
    expect(mapping).toBe(`${volume} -> default/kept\n`);
    await remove('kept');
    expect(await field(lab(), `lv/${volume}`, '.status.state')).toBe('Ready');
    await lab().runKubectl(['delete', 'pv', volume, '--timeout=120s']);
    await lab().runKubectl(['patch', 'lv', volume, '--type=merge', '-p', '{"spec":{"delete":true}}']);
    await nothingLeft();
  });

  test('a PV that is deleted before its claim leaves nothing behind', async () => {
    await apply(lab(), claim('early'), podWithClaim('early', count));
    await running('early');
    const volume = await volumeOf(lab(), 'early');
    expect(await field(lab(), `pv/${volume}`, '.metadata.finalizers')).toContain(
      'external-provisioner.volume.kubernetes.io/finalizer',
    );
    await lab().runKubectl(['delete', 'pv', volume, '--wait=false']);
    await remove('early');
    await nothingLeft();
  });

  test('six claims at once become volumes, and leave nothing', async () => {
    const names = Array.from({ length: 6 }, (_, index) => `many-${index}`);
    await apply(lab(), ...names.map((name) => claim(name, { storage: '8Mi' })));
    await apply(lab(), ...names.map((name) => podWithClaim(name, stay)));
    const ready = () => lab().runKubectl(['get', 'pods', '-o', 'jsonpath={.items[*].status.phase}']);
    await eventually('all pods running', ready, (seen) => seen.split(' ').every((phase) => phase === 'Running'));
    await remove(...names);
    await nothingLeft();
  });
});
