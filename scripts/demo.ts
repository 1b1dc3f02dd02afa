// `npm run demo`: the main job on real kernels, told step by step with the commands a user would type. Ends with
// `demo: data intact, node1 Migrated`, or with what went wrong and an exit code that is not 0.
import { setTimeout as delay } from 'node:timers/promises';
import { startLab } from '../test/lab/index.ts';
import { deployProduct } from '../test/lab/product.ts';
import { claims, volume } from './demo/manifests.ts';
import { chapterTeller, show, tell } from './demo/narrator.ts';
import { endWithMessage } from './setup/requirement-error.ts';

const say = (line: string): void => console.log(`  ${line}`);
/** Generous: how fast a step is hangs on the machine, and only its outcome counts. */
const stepMs = 300_000;

async function demo(): Promise<void> {
  const chapter = chapterTeller();

  chapter('Three nodes, each a real Linux kernel with bare disks');
  const lab = await startLab({ name: `demo-${process.pid}`, nodes: 3, onProgress: say });
  try {
    const kubectl = (line: string, input?: string): Promise<string> =>
      show(`kubectl ${line}`, () => lab.kubectl(line.split(' '), { input }));
    const onNode = (node: string, script: string): Promise<string> =>
      show(`on ${node}: ${script}`, async () => {
        const { exitCode, ...output } = await lab.node(node).exec(['sh', '-ec', script]);
        return { ...output, exitCode: exitCode ?? 1 };
      });
    /** Looks each second until kubectl prints this. */
    const until = async (
      args: readonly string[],
      wanted: (output: string) => boolean,
      what: string,
    ): Promise<string> => {
      const deadline = performance.now() + stepMs;
      for (;;) {
        const { stdout } = await lab.kubectl(args);
        if (wanted(stdout)) return stdout;
        if (performance.now() > deadline)
          throw new Error(`${what} did not happen within ${stepMs / 1000} s: ${stdout}`);
        await delay(1000);
      }
    };

    await deployProduct(lab, say);
    await kubectl('get nodes');
    await onNode('node1', 'lsblk -d -o NAME,SIZE,ROTA,SERIAL /dev/ubd[b-z]');
    tell('Each disk is an object, and says whether it can be used:');
    await kubectl('get localdisks');

    chapter('Claims turn bare disks into pools');
    await show('kubectl apply -f claims.yaml', () =>
      lab.kubectl(['apply', '-f', '-'], { input: claims(['node1', 'node2', 'node3']) }),
    );
    await until(
      ['get', 'ldc', '-o', 'jsonpath={.items[*].status.status}'],
      (states) => states === 'Consumed Consumed Consumed',
      'consuming the claims',
    );
    await kubectl('get ldc');
    await kubectl('get lsn');
    await onNode('node1', 'vgs -o vg_name,vg_size,vg_free');

    chapter('A volume on node1, with a file system and data in it');
    await show('kubectl apply -f volume.yaml', () =>
      lab.kubectl(['apply', '-f', '-'], { input: volume('demo', 'node1') }),
    );
    await until(
      ['get', 'lv', 'demo', '-o', 'jsonpath={.status.state}'],
      (state) => state === 'Ready',
      'the volume becoming Ready',
    );
    await kubectl('get lv,lvr');
    const device = '/dev/LocalStorage_PoolHDD/demo';
    await onNode(
      'node1',
      `mkfs.ext4 -q ${device} && mkdir -p /mnt/demo && mount ${device} /mnt/demo && head -c 64M /dev/urandom > /mnt/demo/data && sync && umount /mnt/demo`,
    );
    const before = (await onNode('node1', `sha256sum ${device}`)).split(' ')[0];

    chapter('node1 is drained: its volume moves');
    await kubectl('drain node1 --ignore-daemonsets=true');
    const began = performance.now();
    await until(
      ['get', 'lsn', 'node1', '-o', 'jsonpath={.status.plan[*].to}'],
      (target) => target !== '',
      'the plan for the volume',
    );
    await kubectl('get lsn');
    tell('What moves where stands in the plan:');
    await kubectl('get lsn node1 -o jsonpath={.status.plan}');
    await kubectl('get localvolumemigrates');
    await until(['get', 'lsn', 'node1', '-o', 'jsonpath={.status.state}'], (state) => state === 'Migrated', 'the move');
    tell(`Migrated after ${((performance.now() - began) / 1000).toFixed(0)} s.`);
    await kubectl('get lsn');
    await kubectl('get lv,lvr');
    await kubectl('get lsn node1 -o jsonpath={.status.pools.LocalStorage_PoolHDD.volumes}');

    chapter('The data stand on another node, to the byte');
    tell('The pair that moved the data is taken apart; then the volume is a plain logical volume again.');
    await until(
      ['get', 'localvolumemigrate', 'evictor-demo', '-o', 'jsonpath={.status.state}'],
      (state) => state === 'Completed',
      'the end of the move',
    );
    await kubectl('get lvr');
    const target = (await lab.runKubectl(['get', 'lvr', '-o', 'jsonpath={.items[0].spec.nodeName}'])).trim();
    const after = (await onNode(target, `sha256sum ${device}`)).split(' ')[0];
    await onNode(target, `mkdir -p /mnt/demo && mount ${device} /mnt/demo && ls -l /mnt/demo && umount /mnt/demo`);
    if (before === undefined || before !== after)
      throw new Error(`the checksums differ: ${before} on node1, ${after} on ${target}`);
    tell(`Equal to what was on node1: ${after}`);
    await kubectl('uncordon node1');
    await until(
      ['get', 'lsn', 'node1', '-o', 'jsonpath={.status.state}'],
      (state) => state === 'Ready',
      'node1 becoming Ready again',
    );
    await kubectl('get lsn');
  } finally {
    chapter('Taking everything down');
    await lab.stop();
  }
  console.log('\ndemo: data intact, node1 Migrated');
}

await endWithMessage('demo', demo);
