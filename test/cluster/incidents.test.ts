import { afterEach, expect, test } from 'vitest';
import { programNames, restartAgent } from '../lab/product.ts';
import { describeOnCluster, readiness } from './harness/cluster.ts';
import { apply, eventually } from './harness/kubectl.ts';
import { classes } from './harness/product.ts';
import { claim, container, eventsOf, field, inPod, leftovers, podWithClaim, volumeOf } from './harness/volumes.ts';

/** Writes down each start, then stays. */
const count = 'echo start >> /data/starts; sync; exec sleep infinity';
const starts = (times: number): string => 'start\n'.repeat(times);

describeOnCluster('what befalls volumes of pods', (lab) => {
  const running = (pod: string, restarts = 0) =>
    eventually(
      `${pod} running`,
      () => readiness(lab(), pod),
      (seen) => seen === `True ${restarts}`,
    );
  const nodeOf = (pod: string) => field(lab(), `pod/${pod}`, '.spec.nodeName');
  const writerOf = (volume: string) => field(lab(), `lvw/${volume}`, '.spec.node');
  const killAgent = (node: string) => lab().node(node).killProgram(programNames.agent);
  const start = async (name: string, script = count): Promise<{ node: string; volume: string }> => {
    await apply(lab(), claim(name), podWithClaim(name, script));
    await running(name);
    return { node: await nodeOf(name), volume: await volumeOf(lab(), name) };
  };

  afterEach(async () => {
    await lab().runKubectl(['delete', 'deployments,pods,pvc', '--all', '--timeout=180s']);
    await eventually(
      'everything of the volumes going',
      () => leftovers(lab()),
      (left) => left.length === 0,
    );
  });

  test('a Deployment’s next pod comes where the volume is, and goes on with its data', async () => {
    const labels = { app: 'shop' };
    const template = {
      metadata: { labels },
      spec: {
        terminationGracePeriodSeconds: 1,
        containers: [container(count)],
        volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'shop' } }],
      },
    };
    const deployment = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'shop' },
      spec: { strategy: { type: 'Recreate' }, selector: { matchLabels: labels }, template },
    };
    const pods = () => lab().runKubectl(['get', 'pods', '-l', 'app=shop', '-o', 'jsonpath={.items[*].metadata.name}']);
    const next = async (earlier: string): Promise<string> => {
      const name = await eventually('a new pod', pods, (seen) => /^shop-[^ ]+$/.test(seen) && seen !== earlier);
      await running(name);
      return name;
    };
    await apply(lab(), claim('shop'), deployment);
    const first = await next('');
    const node = await nodeOf(first);
    await lab().runKubectl(['rollout', 'restart', 'deployment/shop']);
    const second = await next(first);
    expect(await nodeOf(second)).toBe(node);
    expect(await inPod(lab(), second, 'cat /data/starts')).toBe(starts(2));
  });

  test('an agent that is killed while a volume is made, staged, published and grown carries on', async () => {
    await apply(lab(), claim('killed', { storageClassName: classes.fast }), podWithClaim('killed', count));
    const shell = (script: string) => lab().node('node1').shell(script);
    /** What becomes true in the course of it and stays so, and is killed at. */
    const moments: readonly [what: string, isSo: () => Promise<boolean>][] = [
      ['ordered', async () => (await lab().runKubectl(['get', 'lvr', '-o', 'name'])) !== ''],
      ['made', async () => (await shell('lvs --noheadings LocalStorage_PoolSSD')) !== ''],
      ['taken', async () => (await lab().runKubectl(['get', 'lvw', '-o', 'jsonpath={.items[*].spec.node}'])) !== ''],
      ['staged', async () => (await shell('cat /proc/1/mountinfo')).includes('/globalmount ')],
    ];
    for (const [what, isSo] of moments) {
      await eventually(`the volume being ${what}`, isSo, Boolean);
      await killAgent('node1');
    }
    await running('killed');
    const patch = JSON.stringify({ spec: { resources: { requests: { storage: '128Mi' } } } });
    await lab().runKubectl(['patch', 'pvc', 'killed', '-p', patch]);
    const mebibytes = () => shell('lvs --noheadings --nosuffix --units m -o lv_size LocalStorage_PoolSSD');
    await eventually('the logical volume growing', mebibytes, (seen) => Number(seen) === 128);
    await killAgent('node1');
    const kibibytes = async () => Number((await inPod(lab(), 'killed', "df -kP /data | awk 'NR==2{print $2}'")).trim());
    await eventually('the file system growing', kibibytes, (seen) => seen > 100 * 1024);
    expect(await inPod(lab(), 'killed', 'cat /data/starts')).toBe(starts(1));
  });

  test('what kubelet forgot between unpublish and unstage is taken down, and the next pod has the data', async () => {
    const { node, volume } = await start('forgot');
    const pods = `/var/lib/kubelet/pods/${await field(lab(), 'pod/forgot', '.metadata.uid')}`;
    // What kubelet would have done until it was killed between the two calls: containers ended, the volume unpublished.
    await lab().node(node).stopKubelet();
    await lab()
      .node(node)
      .shell(
        [
          'for task in $(ctr -n k8s.io tasks list -q); do ctr -n k8s.io tasks kill -s SIGKILL "$task" || true; done',
          `until umount ${pods}/volumes/kubernetes.io~csi/${volume}/mount; do sleep 0.5; done`,
          `rm -r ${pods}/volumes/kubernetes.io~csi`,
        ].join('\n'),
      );
    await lab().runKubectl(['delete', 'pod', 'forgot', '--force', '--grace-period=0']);
    expect(await writerOf(volume)).toBe(node);
    await lab().node(node).startKubelet();
    await eventually(
      'the record being given up',
      () => writerOf(volume),
      (seen) => seen === '',
    );
    expect(await lab().node(node).shell('cat /proc/1/mountinfo')).not.toContain('lvm.hwameistor.io/');
    await apply(lab(), podWithClaim('forgot', count));
    await running('forgot');
    expect(await inPod(lab(), 'forgot', 'cat /data/starts')).toBe(starts(2));
  });

  test('a Node that is deleted and registers anew has its volume’s label again, and the volume its pod', async () => {
    const { node, volume } = await start('anew');
    await lab().runKubectl(['delete', 'node', node]);
    // Kubelet registers its node when it starts.
    await lab().node(node).stopKubelet();
    await lab().node(node).startKubelet();
    await eventually('the Node', () => field(lab(), `node/${node}`, '.metadata.uid'), Boolean);
    await restartAgent(lab(), node);
    const label = () => field(lab(), `node/${node}`, `.metadata.labels.volume\\.hwameistor\\.io/${volume}`);
    await eventually('the label', label, (seen) => seen === 'replica');
    await lab().runKubectl(['wait', 'node', node, '--for=condition=Ready', '--timeout=120s']);
    await lab().runKubectl(['delete', 'pod', 'anew', '--ignore-not-found', '--timeout=120s']);
    await apply(lab(), podWithClaim('anew', count));
    await running('anew');
    expect(await nodeOf('anew')).toBe(node);
    expect(await inPod(lab(), 'anew', 'cat /data/starts')).toBe(starts(2));
  });

  test('a pod that is forced to another node by name does not start there, and is told why and what to do', async () => {
    const { node } = await start('forced');
    await lab().runKubectl(['delete', 'pod', 'forced', '--timeout=120s']);
    const elsewhere = node === 'node1' ? 'node2' : 'node1';
    await apply(lab(), podWithClaim('forced', count, { spec: { nodeName: elsewhere } }));
    const events = await eventually(
      'words about it',
      () => eventsOf(lab(), 'Pod', 'forced'),
      (seen) => seen.includes('VolumeElsewhere'),
    );
    expect(events).toContain(`can't be used on ${elsewhere}, only on ${node}`);
    expect(events).toContain('kubectl delete pod -n default forced');
    expect(await readiness(lab(), 'forced')).not.toContain('True');
    await lab().runKubectl(['delete', 'pod', 'forced', '--timeout=120s']);
    await apply(lab(), podWithClaim('forced', count));
    await running('forced');
    expect(await inPod(lab(), 'forced', 'cat /data/starts')).toBe(starts(2));
  });

  test('a claim that is deleted while its pod runs goes with the pod, not before', async () => {
    const { volume } = await start('early');
    await lab().runKubectl(['delete', 'pvc', 'early', '--wait=false']);
    await inPod(lab(), 'early', 'echo more >> /data/starts; sync');
    expect(await inPod(lab(), 'early', 'cat /data/starts')).toBe('start\nmore\n');
    expect(await field(lab(), `lv/${volume}`, '.spec.delete')).not.toBe('true');
    await lab().runKubectl(['delete', 'pod', 'early', '--timeout=120s']);
    await eventually(
      'the volume going',
      () => field(lab(), `lv/${volume}`, '.metadata.name'),
      (seen) => seen === '',
    );
  });
});
