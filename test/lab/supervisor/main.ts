// The supervisor: parent of every process of one lab, inside the lab's own PID, network and mount namespaces. When it
// ends, the kernel ends all of them. It is started by keeper.ts, and ends when the keeper does.
import { readFileSync, rmSync } from 'node:fs';
import type { LabConfig } from '../config.ts';
import type { Component, ComponentName } from '../control-plane/index.ts';
import { programs } from '../guest/programs.ts';
import type { LabRequest, LabStatus } from '../requests.ts';
import { labPaths } from '../state-folder.ts';
import { encodeFrame, encodeJson, frameType } from '../wire/frames.ts';
import type { Caller } from '../wire/server.ts';
import { passedOn, serveRequests } from '../wire/server.ts';
import type { Cluster } from './cluster.ts';
import { startCluster } from './cluster.ts';
import { addressesOf, createNetwork, cut, heal } from './network.ts';
import type { UmlNode } from './uml-node.ts';
import { startRealKubelet } from './real-kubelet.ts';
import { umlNode } from './uml-node.ts';

const paths = labPaths(process.argv[2] ?? '');
const config = JSON.parse(readFileSync(paths.config, 'utf8')) as LabConfig;
const nodes = new Map(config.nodes.map((spec) => [spec.name, umlNode(config, spec, config.nodes, paths)]));
const disconnected = new Set<string>();

/** Told to everyone who waits for the lab, also to those who ask later. */
const progress: string[] = [];
const listeners = new Set<(line: string) => void>();
function tell(line: string): void {
  progress.push(line);
  for (const listener of listeners) listener(line);
}

function nodeNamed(name: string): UmlNode {
  const node = nodes.get(name);
  if (node === undefined) throw new Error(`there is no node ${name}; this lab has ${[...nodes.keys()].join(', ')}`);
  return node;
}

/**
 * Verbs for one node run one after the other, in the order they came. Those that act from outside of it, like a power
 * loss, do not wait: a verb that hangs in the node is what they end.
 */
const lines = new Map<string, Promise<unknown>>();
function inTurn<Result>(name: string, verb: (node: UmlNode) => Promise<Result> | Result): Promise<Result> {
  const node = nodeNamed(name);
  const turn = (lines.get(name) ?? Promise.resolve()).then(() => verb(node));
  lines.set(
    name,
    turn.catch(() => undefined),
  );
  return turn;
}

let cluster: Cluster | undefined;
const labPrograms = programs(paths.logs);

async function timed(what: string, work: Promise<unknown>): Promise<void> {
  const started = performance.now();
  await work;
  tell(`${what} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
}

async function bringUp(): Promise<void> {
  await createNetwork(config.nodes);
  const starting = config.cluster && startCluster(config.cluster, config.nodes, paths);
  await Promise.all([
    ...[...nodes.keys()].map((name) =>
      timed(
        `${name} is up`,
        inTurn(name, (node) => node.boot()),
      ),
    ),
    starting && timed('the control plane is up', starting),
  ]);
  if (starting === undefined) return;
  cluster = await starting;
  for (const name of nodes.keys()) await inTurn(name, startKubelet);
  await timed('all nodes are Ready', cluster.untilNodesReady());
}

async function startKubelet(node: UmlNode): Promise<void> {
  if (cluster === undefined) throw new Error('this lab has no cluster, so its nodes have no kubelet');
  const settings = cluster.kubeletConfig(node.spec);
  const pods = config.cluster?.pods;
  if (pods === undefined) await node.ask({ op: 'startKubelet', config: settings });
  else await startRealKubelet(node, pods, settings);
}

async function stopKubelet(node: UmlNode): Promise<void> {
  if (config.cluster?.pods === undefined) await node.ask({ op: 'stopKubelet' });
  else await node.endProgram('kubelet', 'SIGTERM', true);
}

function componentNamed(name: ComponentName): Component {
  const component = cluster?.controlPlane.components[name];
  if (component === undefined) throw new Error(`this lab has no ${name}`);
  return component;
}

const up = bringUp();
up.catch(() => {
  // Told to whoever asks whether the lab is ready.
});

const server = serveRequests(async (received, caller) => {
  const request = received as LabRequest;
  switch (request.op) {
    case 'ready':
      return ready(caller);
    case 'status':
      return status();
    case 'stop':
      return stop();
    case 'guest':
      return passToGuest(request, caller);
    case 'kill':
      return nodeNamed(request.node).kill();
    case 'boot':
      return inTurn(request.node, async (node) => {
        await node.boot();
        if (cluster !== undefined) await startKubelet(node);
      });
    case 'shutdown':
      return inTurn(request.node, (node) => node.shutdown());
    case 'freeze':
      return nodeNamed(request.node).freeze();
    case 'thaw':
      return nodeNamed(request.node).thaw();
    case 'cut':
      await cut(nodeNamed(request.node).spec);
      return void disconnected.add(request.node);
    case 'heal':
      await heal(nodeNamed(request.node).spec);
      return void disconnected.delete(request.node);
    case 'addDisk':
      return inTurn(request.node, (node) => node.addDisk(request.disk));
    case 'removeDisk':
      return inTurn(request.node, (node) => node.removeDisk(request.device));
    case 'setDiskFault':
      return inTurn(request.node, ({ disks }) => disks.setFault(disks.get(request.device), request.fault));
    case 'startLabProgram':
      return labPrograms.start(request.program);
    case 'endLabProgram':
      return labPrograms.end(request.name, request.signal, request.forget);
    case 'labPrograms':
      return labPrograms.list();
    case 'startComponent':
      return componentNamed(request.component).start();
    case 'stopComponent':
      return componentNamed(request.component).stop();
    case 'startKubelet':
      return inTurn(request.node, startKubelet);
    case 'stopKubelet':
      return inTurn(request.node, stopKubelet);
    case 'startProgram':
      return inTurn(request.node, (node) => node.startProgram(request.program));
    case 'endProgram':
      return inTurn(request.node, (node) => node.endProgram(request.name, request.signal, request.forget));
    default:
      throw new Error('the lab does not know this request: it was brought up by another version of the project');
  }
});

/** Answers first. Everything of the lab ends with this process. */
async function stop(): Promise<void> {
  setImmediate(() => process.exit(0));
}

async function ready(caller: Caller): Promise<void> {
  const pass = (line: string) => void caller.stderr(Buffer.from(`${line}\n`));
  for (const line of progress) pass(line);
  listeners.add(pass);
  try {
    await up;
  } finally {
    listeners.delete(pass);
  }
}

function status(): LabStatus {
  return {
    name: config.name,
    controlPlane: config.cluster !== undefined,
    pods: config.cluster?.pods !== undefined,
    nodes: [...nodes.values()].map(({ spec, power, disks }) => ({
      name: spec.name,
      number: spec.number,
      power: power(),
      connected: !disconnected.has(spec.name),
      address: addressesOf(spec).address,
      disks: disks
        .list()
        .map(({ device, spec, fault }) => ({ device, serial: spec.serial, sizeBytes: spec.sizeBytes, fault })),
    })),
  };
}

async function passToGuest(request: LabRequest & { op: 'guest' }, caller: Caller): Promise<typeof passedOn> {
  const guest = await nodeNamed(request.node).converse();
  guest.write(encodeJson(frameType.request, request.request));
  guest.pipe(caller.socket);
  guest.once('close', () => caller.socket.end());
  void (async () => {
    for await (const { type, payload } of caller.incoming) guest.write(encodeFrame(type, payload));
  })()
    .catch(() => {
      // The caller hung up; so do we.
    })
    .finally(() => guest.destroy());
  return passedOn;
}

// The keeper holds the other end of our standard input. When it is gone nobody would clear up after us.
process.stdin.on('end', () => {
  void (async () => {
    await Promise.allSettled([...nodes.values()].filter(({ power }) => power() !== 'off').map((node) => node.kill()));
    rmSync(paths.folder, { recursive: true, force: true });
    process.exit(1);
  })();
});
process.stdin.resume();
server.listen(paths.supervisorSocket);
