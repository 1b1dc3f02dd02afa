// `npm run demo`: the main job on real kernels, told step by step with the commands a user would type. Ends with
// `demo: data intact, node1 Migrated`, or with what went wrong and an exit code that is not 0.
import { setTimeout as delay } from 'node:timers/promises';
import { startLab } from '../test/lab/index.ts';
import { busyboxImage } from '../test/lab/images.ts';
import { deployProduct } from '../test/lab/product.ts';
import { claims, statefulSet, storageClass } from './demo/manifests.ts';
import { chapterTeller, show, tell } from './demo/narrator.ts';
import { endWithMessage } from './setup/requirement-error.ts';

const say = (line: string): void => console.log(`  ${line}`);
/** Generous: how fast a step is hangs on the machine, and only its outcome counts. */
const stepMs = 300_000;
const podReady = ['get', 'pod', 'demo-0', '-o', 'jsonpath={.status.conditions[?(@.type=="Ready")].status}'];

/** The number of the last record that the pod told. */
const lastRecord = (lines: string): number => Number(/record (\d+) is on disk\n?$/.exec(lines)?.[1] ?? 0);

async function demo(): Promise<void> {
  const chapter = chapterTeller();

  chapter('Three nodes, each a real Linux kernel with bare disks and a real kubelet');
  const lab = await startLab({ name: `demo-${process.pid}`, nodes: 3, pods: true, onProgress: say });
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

    const apply = (file: string, input: string): Promise<string> =>
      show(`kubectl apply -f ${file}`, () => lab.kubectl(['apply', '-f', '-'], { input }));
    const claim = async (nodes: readonly string[]): Promise<void> => {
      await apply('claims.yaml', claims(nodes));
      for (const node of nodes)
        await until(
          ['get', 'ldc', `${node}-hdd-claim`, '-o', 'jsonpath={.status.status}'],
          (state) => state === 'Consumed',
          `consuming the claim of ${node}`,
        );
    };

    chapter('A claim turns the bare disks of node1 into a pool');
    await claim(['node1']);
    await kubectl('get ldc');
    await kubectl('get lsn');
    await onNode('node1', 'vgs -o vg_name,vg_size,vg_free');

    chapter('A StatefulSet writes records, each on disk before it is told');
    await apply('storage-class.yaml', storageClass);
    await apply('stateful-set.yaml', statefulSet(busyboxImage));
    await until(podReady, (ready) => ready === 'True', 'the pod running');
    tell('The pod landed where the storage is:');
    await kubectl('get pods -o wide');
    await kubectl('get pvc,lv,lvr');
    const isSaid = (lines: string): boolean => lastRecord(lines) >= 20;
    const said = lastRecord(await until(['logs', 'demo-0'], isSaid, 'writing 20 records'));
    tell(`${said} records so far.`);

    chapter('node1 is drained: the pod goes, and its volume with it');
    await claim(['node2', 'node3']);
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
    await until(podReady, (ready) => ready === 'True', 'the pod running elsewhere');
    tell(
      `The pod writes on after ${((performance.now() - began) / 1000).toFixed(0)} s; its volume is on its way, or there:`,
    );
    await kubectl('get pods -o wide');
    await kubectl('get localvolumemigrates');
    await until(['get', 'lsn', 'node1', '-o', 'jsonpath={.status.state}'], (state) => state === 'Migrated', 'the move');
    tell(`Migrated after ${((performance.now() - began) / 1000).toFixed(0)} s.`);
    await kubectl('get lsn');
    await kubectl('get lv,lvr');
    await kubectl('get lsn node1 -o jsonpath={.status.pools.LocalStorage_PoolHDD.volumes}');

    chapter('No record is lost');
    const goesOn = (lines: string): boolean => lastRecord(lines) > said + 20;
    await until(['logs', 'demo-0'], goesOn, 'writing more records');
    const records = (await lab.runKubectl(['exec', 'demo-0', '--', 'cat', '/data/records'])).trim().split('\n');
    const lost = records.findIndex((text, index) => text !== String(index + 1));
    if (lost >= 0) throw new Error(`record ${lost + 1} of ${records.length} reads "${records[lost]}"`);
    tell(`${records.length} records, from 1 on without a gap; ${said} and more of them were written on node1.`);
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
