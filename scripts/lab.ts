// `npm run lab -- VERB`: the lab by hand. See test/lab/README.md.
import { Command, InvalidArgumentError, Option } from 'commander';
import type { ExecStatus } from '../test/lab/guest/requests.ts';
import { connectLab, liveLabs, scsiDisks, startLab } from '../test/lab/index.ts';
import { kubectlOnTerminal } from '../test/lab/kubectl.ts';
import { deployProduct } from '../test/lab/product.ts';
import { powerVerbs } from '../test/lab/requests.ts';

const say = (line: string): void => console.error(`lab: ${line}`);

const program = new Command('lab')
  .description('A cluster of real Linux kernels on this machine, with verbs for what can go wrong in it')
  .enablePositionalOptions()
  .showHelpAfterError();

const verb = (usage: string, description: string): Command =>
  program.command(usage).description(description).option('--name <name>', 'which lab', 'default');

const about: Record<(typeof powerVerbs)[number], string> = {
  kill: 'power loss: the node is gone at once',
  boot: 'switch a node on again, with the disks it had',
  shutdown: 'orderly end of a node',
  cut: 'pull the network cable of a node',
  heal: 'plug the cable in again',
  freeze: 'stop a node in its tracks, as a hung one',
  thaw: 'let a frozen node go on',
};

interface UpOptions {
  name: string;
  nodes: number;
  memory?: number;
  pods: boolean;
  bare: boolean;
}
verb('up', 'bring a lab up, with the product running in it')
  .option('--bare', 'just the machines and the cluster, without the product', false)
  .option('--pods', 'with real kubelets, which run pods', false)
  .option('--nodes <count>', 'how many nodes', wholeNumber, 3)
  .option('--memory <MiB>', 'memory of each node; only what it touches is taken', wholeNumber)
  .action(async ({ name, nodes, memory, pods, bare }: UpOptions) => {
    const lab = await startLab({ name, nodes, pods, memoryMiB: memory, onProgress: say });
    if (!bare) await deployProduct(lab, say);
    lab.release();
    say(`"${name}" is up. For your own tools: export KUBECONFIG=${lab.kubeconfigPath}`);
  });

verb('down', 'take a lab down; nothing of it stays').action(async ({ name }: { name: string }) => {
  if (!liveLabs().includes(name)) return say(`there is no lab "${name}"`);
  await connectLab(name).stop();
  say(`"${name}" is down`);
});

verb('status', 'show nodes, their power, cable and disks').action(async ({ name }: { name: string }) => {
  const others = liveLabs().filter((other) => other !== name);
  if (others.length > 0) say(`also up: ${others.join(', ')}`);
  for (const node of (await connectLab(name).status()).nodes) {
    console.log(`${node.name}  ${node.address}  ${node.power}${node.connected ? '' : ', cut off'}`);
    for (const { device, sizeBytes, serial, fault } of node.disks) {
      const failing = fault === 'none' ? '' : `  failing: ${fault}`;
      console.log(`  /dev/${device}  ${Math.round(sizeBytes / 1024 ** 2)} MiB  ${serial ?? '(no serial)'}${failing}`);
    }
  }
});

verb('kubectl', 'run kubectl as admin of the lab')
  .argument('<arguments...>')
  .helpOption(false)
  .allowUnknownOption()
  .passThroughOptions()
  .action(async (args: string[], { name }: { name: string }) => {
    process.exit(await kubectlOnTerminal(connectLab(name).paths, args));
  });

verb('exec', 'run a command on a node')
  .argument('<node>')
  .argument('<command...>')
  .helpOption(false)
  .passThroughOptions()
  .action(async (node: string, words: string[], { name }: { name: string }) => {
    const argv = words[0] === '--' ? words.slice(1) : words;
    const stdin = process.stdin.isTTY ? undefined : process.stdin;
    const done = await connectLab(name).ask<ExecStatus>(
      { op: 'guest', node, request: { op: 'exec', argv, stdin: stdin !== undefined } },
      {
        stdin,
        onStdout: (chunk) => process.stdout.write(chunk),
        onStderr: (chunk) => process.stderr.write(chunk),
      },
    );
    if (done.signal !== undefined) say(`${argv[0]} was ended by ${done.signal}`);
    // Exits when both outputs are written out, which an immediate end would cut short.
    process.exitCode = done.exitCode ?? 1;
    process.stdin.destroy();
  });

for (const op of powerVerbs) {
  verb(op, about[op])
    .argument('<node>')
    .action(async (node: string, { name }: { name: string }) => {
      await connectLab(name).ask({ op, node });
    });
}

const disk = program.command('disk').description('plug disks in and out, and let them fail');
const diskVerb = (usage: string, description: string): Command =>
  disk.command(usage).description(description).argument('<node>').option('--name <name>', 'which lab', 'default');

interface AddOptions {
  name: string;
  size: number;
  serial?: string;
  wwn?: string;
  model?: string;
  ssd: boolean;
}
diskVerb('add', 'plug a blank disk in; prints its path')
  .option('--size <size>', 'like 512MiB or 2GiB', sizeInBytes, 1024 ** 3)
  .option('--serial <serial>', 'left out: a disk that tells none')
  .option('--wwn <wwn>')
  .option('--model <model>')
  .option('--ssd', 'not a spinning disk', false)
  .action(async (node: string, { name, size, serial, wwn, model, ssd }: AddOptions) => {
    const spec = { sizeBytes: size, serial, wwn, model, rotational: !ssd };
    console.log(await connectLab(name).node(node).disks.add(spec));
  });
diskVerb('remove', 'unplug a disk that is not in use')
  .argument('<device>')
  .action(async (node: string, device: string, { name }: { name: string }) => {
    await connectLab(name).node(node).disks.remove(device);
  });
diskVerb('fail', 'answer with I/O errors from now on')
  .argument('<device>')
  .addOption(new Option('--only <kind>', 'just these').choices(['reads', 'writes']))
  .action(async (node: string, device: string, { name, only }: { name: string; only?: 'reads' | 'writes' }) => {
    await connectLab(name)
      .node(node)
      .disks.fail(device, only ?? 'all');
  });
diskVerb('mend', 'end the failing of a disk')
  .argument('<device>')
  .action(async (node: string, device: string, { name }: { name: string }) => {
    await connectLab(name).node(node).disks.fail(device, 'none');
  });

const scsi = program
  .command('scsi')
  .description('disks that can be pulled while they are in use, come back with what they held, and grow');
const scsiVerb = (usage: string, description: string): Command =>
  scsi
    .command(usage)
    .description(description)
    .argument('<node>')
    .argument('<disk>', 'name of it: lower-case letters and digits')
    .option('--name <name>', 'which lab', 'default');
const scsiOf = (name: string, node: string) => scsiDisks(connectLab(name).node(node));

scsiVerb('add', 'plug a blank one in; prints its path')
  .option('--size <size>', 'like 512MiB or 2GiB', sizeInBytes, 1024 ** 3)
  .action(async (node: string, disk: string, { name, size }: { name: string; size: number }) => {
    console.log(await scsiOf(name, node).add({ name: disk, sizeBytes: size }));
  });
scsiVerb('pull', 'take it out, whoever uses it').action(async (node: string, disk: string, { name }) => {
  await scsiOf(name, node).pull(disk);
});
scsiVerb('replug', 'plug it in again, also after a power loss; prints its path, which may be another one').action(
  async (node: string, disk: string, { name }) => {
    console.log(await scsiOf(name, node).replug(disk));
  },
);
scsiVerb('grow', 'make it larger while it is plugged in')
  .requiredOption('--size <size>', 'like 512MiB or 2GiB', sizeInBytes)
  .action(async (node: string, disk: string, { name, size }: { name: string; size: number }) => {
    await scsiOf(name, node).grow(disk, size);
  });
scsiVerb('remove', 'away with it and what it held').action(async (node: string, disk: string, { name }) => {
  await scsiOf(name, node).remove(disk);
});

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('a number above 0 is needed.');
  return Number(text);
}

function sizeInBytes(text: string): number {
  const [, number, unit] = /^(\d+)(MiB|GiB)$/.exec(text) ?? [];
  if (number === undefined) throw new InvalidArgumentError('a size like 512MiB or 2GiB is needed.');
  return Number(number) * (unit === 'GiB' ? 1024 ** 3 : 1024 ** 2);
}

try {
  await program.parseAsync();
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exit(1);
}
