import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { namespace, serviceAccounts } from '../../src/api/names.ts';
import { bundle } from '../../scripts/bundle.ts';
import { sidecarPrograms } from './sidecars.ts';
import type { ClusterAccess, ProgramStatus } from './guest/requests.ts';
import type { Lab } from './lab.ts';

/** Puts the product into a lab that is up: its kinds, its controller, and its agent on each node. */
export type DeployProduct = (lab: Lab, say: (line: string) => void, options?: ProductOptions) => Promise<void>;

export interface ProductOptions {
  /** How long a node without evictable pods must be cordoned to count as drained; a minute in a real cluster. */
  readonly drainGraceSeconds?: number;
}

const configDir = new URL('../../config/', import.meta.url).pathname;
const node24 = process.execPath;
/**
 * What an agent's container would be started with. The first two, for a process that keeps few objects, hold the heap 8 MiB
 * smaller. An agent waits for programs most of the time: without V8's optimizing compiler it needs no more processor time,
 * and 5 MiB less, which are that compiler's own code. None of them bounds the heap.
 */
const agentNodeFlags = ['--max-semi-space-size=1', '--optimize-for-size', '--no-turbofan'];
/** Of every process: each has an address of its own, the controller that of the lab. */
export const healthPort = 8081;
const healthFlag = `--health-port=${healthPort}`;
const readyMs = 300_000;

export const programNames = {
  agent: 'agent',
  controller: 'controller',
  provisioner: 'csi-provisioner',
  resizer: 'csi-resizer',
} as const;

/** Each lab has bundles of its own: another one may be given newer ones at the same time. */
export const bundleFolder = (lab: Lab): string => join(lab.paths.folder, 'bundle');

export const deployProduct: DeployProduct = async (lab, say, { drainGraceSeconds = 5 } = {}) => {
  say('bundling the agent and the controller');
  await bundle(bundleFolder(lab));
  say('creating namespace, kinds, roles and admission policies');
  await lab.runKubectl(['apply', '--server-side', '-f', join(configDir, 'namespace.yaml')]);
  for (const folder of ['crd', 'rbac', 'admission', 'csi']) {
    await lab.runKubectl(['apply', '--server-side', '-f', join(configDir, folder)]);
  }
  await lab.runKubectl(['wait', '--for=condition=Established', '--timeout=120s', 'crd', '--all']);

  const access = lab.access();
  const { nodes, pods } = await lab.status();
  const controllerDir = join(lab.paths.folder, 'controller');
  await writeServiceAccount(lab, controllerDir, access, serviceAccounts.controller);
  const socket = join(controllerDir, 'csi.sock');
  await lab.startProgram({
    name: programNames.controller,
    argv: [
      node24,
      join(bundleFolder(lab), 'controller.mjs'),
      `--drain-grace-seconds=${drainGraceSeconds}`,
      healthFlag,
      ...(pods ? [`--csi-endpoint=unix://${socket}`] : []),
    ],
    env: inClusterEnvironment(access, controllerDir),
    keepRunning: true,
  });
  for (const { name } of nodes) await startAgent(lab, name, { csi: pods });
  const sidecars = pods ? await sidecarPrograms({ folder: controllerDir, socket, access }, say) : [];
  for (const sidecar of sidecars) await lab.startProgram(sidecar);
  say('waiting for every node to report its disks');
  await untilNodesReport(
    lab,
    nodes.map(({ name }) => name),
  );
};

/** What a program of ours needs on a node. */
interface OnNode {
  /** Where the node sees the bundles and the service account. */
  readonly inside: string;
  readonly env: Readonly<Record<string, string>>;
}

/** The bundle goes in by the folder that node and host share: what the host changes elsewhere, a node may see late. */
async function bringIn(
  lab: Lab,
  name: string,
  account: string,
  boundTo?: { name: string; uid: string },
): Promise<OnNode> {
  const access = lab.access();
  const shared = join('product', `${account}-${Date.now()}`);
  const outside = join(lab.node(name).paths.share, shared);
  const inside = join('/lab/share', shared);
  cpSync(bundleFolder(lab), outside, { recursive: true });
  await writeServiceAccount(lab, outside, access, account, boundTo);
  return { inside, env: inClusterEnvironment(access, inside) };
}

async function startAgent(lab: Lab, name: string, { csi }: { csi: boolean }): Promise<void> {
  const uid = await lab.runKubectl(['get', 'node', name, '-o', 'jsonpath={.metadata.uid}']);
  const { inside, env } = await bringIn(lab, name, serviceAccounts.agent, { name, uid });
  await lab.node(name).startProgram({
    name: programNames.agent,
    // Debug shows each command that ran on the node, with its duration.
    argv: [
      node24,
      ...agentNodeFlags,
      join(inside, 'agent.mjs'),
      healthFlag,
      '--log-level=debug',
      `--csi=${csi ? 'on' : 'off'}`,
    ],
    env: { ...env, NODE_NAME: name, MALLOC_ARENA_MAX: '1' },
    keepRunning: true,
  });
}

/** What its DaemonSet does with the agent of a node that registered anew: the token of the old one is bound to the old Node. */
export async function restartAgent(lab: Lab, name: string): Promise<void> {
  await lab.node(name).stopProgram(programNames.agent);
  await startAgent(lab, name, { csi: (await lab.status()).pods });
}

/** As a pod finds it under /var/run/secrets: a token, the CA and the namespace. */
async function writeServiceAccount(
  lab: Lab,
  folder: string,
  access: ClusterAccess,
  account: string,
  boundTo?: { name: string; uid: string },
): Promise<void> {
  const bound = boundTo && [
    '--bound-object-kind=Node',
    `--bound-object-name=${boundTo.name}`,
    `--bound-object-uid=${boundTo.uid}`,
  ];
  const create = ['create', 'token', account, '-n', namespace, '--duration=24h', ...(bound ?? [])];
  const token = await lab.runKubectl(create);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'token'), token.trim(), { mode: 0o600 });
  writeFileSync(join(folder, 'ca.crt'), access.ca);
  writeFileSync(join(folder, 'namespace'), namespace);
}

function inClusterEnvironment(access: ClusterAccess, serviceAccountDir: string) {
  const { hostname, port } = new URL(access.inside);
  return {
    KUBERNETES_SERVICE_HOST: hostname,
    KUBERNETES_SERVICE_PORT: port,
    SERVICE_ACCOUNT_DIR: serviceAccountDir,
  };
}

/** Until every agent has looked at its node once, so that its disks are objects. */
async function untilNodesReport(lab: Lab, names: readonly string[]): Promise<void> {
  const available =
    '{range .items[?(@.status.state=="Ready")]}{.metadata.name}={.status.conditions[?(@.type=="Available")].status} {end}';
  const deadline = performance.now() + readyMs;
  for (;;) {
    const { stdout } = await lab.kubectl(['get', 'localstoragenodes', '-o', `jsonpath=${available}`]);
    const waiting = names.filter((name) => !stdout.split(' ').includes(`${name}=True`));
    if (waiting.length === 0) return;
    if (performance.now() > deadline) {
      throw new Error(
        `no LocalStorageNode is Ready and Available for ${waiting.join(', ')}; see the logs in ${lab.paths.folder}`,
      );
    }
    await delay(500);
  }
}

/** Takes the programs out again, those that are there; objects, disks and data stay. */
export async function removeProduct(lab: Lab): Promise<void> {
  const isThere = (programs: readonly ProgramStatus[], name: string) => programs.some((found) => found.name === name);
  for (const name of [programNames.provisioner, programNames.resizer, programNames.controller])
    if (isThere(await lab.programs(), name)) await lab.stopProgram(name);
  for (const { name } of (await lab.status()).nodes) {
    const node = lab.node(name);
    if (isThere(await node.programs(), programNames.agent)) await node.stopProgram(programNames.agent);
  }
}
