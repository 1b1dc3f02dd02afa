// `npm run bench -- NAME`: measures the product in a lab of its own. Numbers are told, not judged.
import { Command, InvalidArgumentError } from 'commander';
import { agentMemory, tellAgentMemory } from '../test/bench/agent-memory.ts';
import { framework, tellFramework } from '../test/bench/framework.ts';
import { pvc, tellPvc } from '../test/bench/pvc.ts';
import type { Say } from '../test/bench/report.ts';
import { tellVolumeCreate, volumeCreate } from '../test/bench/volume-create.ts';
import { endWithMessage } from './setup/requirement-error.ts';

const say: Say = (line) => console.error(`bench: ${line}`);

/** The pool of these labs has room for 510 of the smallest volumes. */
const mostVolumes = 500;

/** More take long to make. */
const mostObjects = 100_000;

const program = new Command('bench')
  .description('Benchmarks. Each brings up a lab of its own and takes it down again. Those on real kernels need root.')
  .showHelpAfterError();

const benchmark = (name: string, description: string): Command =>
  program.command(name).description(description).option('--json', 'print a JSON object, for programs', false);

function print<Report>(report: Report, { json, tell }: { json: boolean; tell: (report: Report) => string }): void {
  console.log(json ? JSON.stringify(report, undefined, 2) : `\n${tell(report)}`);
}

benchmark('volume-create', 'time from the creation of LocalVolumes until they are Ready, beside bare lvcreate')
  .option('--at-once <counts>', 'how many volumes at once, one run for each number', counts, [1, 20, 100])
  .action(async ({ json, atOnce }: { json: boolean; atOnce: number[] }) => {
    print(await volumeCreate(atOnce, say), { json, tell: tellVolumeCreate });
  });

benchmark(
  'pvc',
  'time from a claim until its pod runs, beside bare lvcreate, mkfs and mount; memory of the agent after',
)
  .option('--at-once <counts>', 'how many claims at once, one run for each number', counts, [1, 10, 50])
  .action(async ({ json, atOnce }: { json: boolean; atOnce: number[] }) => {
    print(await pvc(atOnce, say), { json, tell: tellPvc });
  });

benchmark('agent-memory', 'memory of the bundled agent, idle and with volumes, and size of the bundle')
  .option('--volumes <count>', 'how many volumes the node has in the end', count, 100)
  .action(async ({ json, volumes }: { json: boolean; volumes: number }) => {
    print(await agentMemory(volumes, say), { json, tell: tellAgentMemory });
  });

benchmark('framework', 'one controller with @dot-kube/operator and with client-node, against a kube-apiserver')
  .option('--objects <count>', 'how many objects there are', (text) => countUpTo(mostObjects, text), 10_000)
  .action(async ({ json, objects }: { json: boolean; objects: number }) => {
    print(await framework(objects, say), { json, tell: tellFramework });
  });

function countUpTo(most: number, text: string): number {
  const number = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (number < 1 || number > most) throw new InvalidArgumentError(`a number from 1 to ${most} is needed.`);
  return number;
}

function count(text: string): number {
  return countUpTo(mostVolumes, text);
}

function counts(text: string): number[] {
  const numbers = text.split(',').map(count);
  // All volumes of a lab stay until it goes.
  const total = numbers.reduce((sum, number) => sum + number, 0);
  if (total > mostVolumes) throw new InvalidArgumentError(`at most ${mostVolumes} volumes in all are possible.`);
  return numbers;
}

await endWithMessage('bench', async () => void (await program.parseAsync()));
