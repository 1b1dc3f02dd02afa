import { readFileSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:net';
import { connect, createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { ClusterConfig, NodeSpec } from '../config.ts';
import type { ControlPlane } from '../control-plane/index.ts';
import { kubeletIdentity, request, startControlPlane } from '../control-plane/index.ts';
import type { ClusterAccess, KubeletConfig } from '../guest/requests.ts';
import type { LabPaths } from '../state-folder.ts';
import { addressesOf, gatewayAddress } from './network.ts';

const ports = { api: 6443, etcd: 2379, etcdPeer: 2380 };
const nodesReadyMs = 300_000;

/** Shorter than a real kubelet's 10 s and 40 s, so that a test need not wait a minute to see a dead node NotReady. */
const renewSeconds = 3;
const leaseSeconds = 12;

export interface Cluster {
  readonly controlPlane: ControlPlane;
  kubeletConfig(node: NodeSpec): KubeletConfig;
  untilNodesReady(): Promise<void>;
}

/** Starts the control plane at the gateway address, and makes the Node objects. */
export async function startCluster(
  config: ClusterConfig,
  nodes: readonly NodeSpec[],
  paths: LabPaths,
): Promise<Cluster> {
  const identities = new Map(nodes.map(({ name }) => [name, kubeletIdentity(name)]));
  const controlPlane = await startControlPlane({
    binaries: config.binaries,
    dir: paths.controlPlane,
    address: gatewayAddress,
    ports,
    identities: [...identities.values()],
    // Bound to every address of the lab's own network, it also puts the name localhost into its certificate, which is
    // how processes outside reach it.
    apiServerArgs: ['--bind-address=0.0.0.0'],
    controllerManagerArgs: [
      '--node-monitor-period=2s',
      `--node-monitor-grace-period=${leaseSeconds}s`,
      '--node-startup-grace-period=30s',
    ],
  });
  const { server, caPath, adminToken } = controlPlane;
  const access: ClusterAccess = {
    inside: server,
    outside: `https://localhost:${config.forwardedPort}`,
    ca: readFileSync(caPath, 'utf8'),
    adminToken,
  };
  writeFileSync(paths.caFile, access.ca);
  writeFileSync(paths.access, JSON.stringify(access), { mode: 0o600 });
  writeFileSync(paths.kubeconfig, outsideKubeconfig(access), { mode: 0o600 });
  forward(paths.apiServerSocket);

  async function callApi(method: string, path: string, body?: object) {
    return request(`${server}${path}`, { method, caPath, token: adminToken, ...(body === undefined ? {} : { body }) });
  }

  for (const node of nodes) {
    const labels = {
      'kubernetes.io/hostname': node.name,
      'kubernetes.io/os': 'linux',
      'kubernetes.io/arch': 'amd64',
      ...node.labels,
    };
    const object = { apiVersion: 'v1', kind: 'Node', metadata: { name: node.name, labels } };
    const made = await callApi('POST', '/api/v1/nodes', object);
    if (made.status !== 201) throw new Error(`cannot make Node ${node.name} (HTTP ${made.status}): ${made.body}`);
  }

  if (config.pods !== undefined) {
    // kube-proxy has its node's own identity here.
    const made = await callApi('POST', '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', nodesAreProxiers);
    if (made.status !== 201) throw new Error(`cannot let nodes be proxiers (HTTP ${made.status}): ${made.body}`);
  }

  return {
    controlPlane,

    kubeletConfig: (node) => ({
      server,
      ca: access.ca,
      token: identities.get(node.name)!.token,
      nodeName: node.name,
      address: addressesOf(node).address,
      renewSeconds,
      leaseSeconds,
    }),

    /** @throws Error naming the nodes that are not */
    async untilNodesReady() {
      const deadline = performance.now() + nodesReadyMs;
      for (;;) {
        const { items } = JSON.parse((await callApi('GET', '/api/v1/nodes')).body) as { items: ApiNode[] };
        const waiting = items.filter((node) => !isReady(node)).map(({ metadata }) => metadata.name);
        if (waiting.length === 0) return;
        if (performance.now() > deadline) throw new Error(`these nodes did not become Ready: ${waiting.join(', ')}`);
        await delay(200);
      }
    },
  };
}

const nodesAreProxiers = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRoleBinding',
  metadata: { name: 'lab-node-proxiers' },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'system:node-proxier' },
  subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'system:nodes' }],
};

interface ApiNode {
  metadata: { name: string };
  spec?: { taints?: { key: string }[] };
  status?: { conditions?: { type: string; status: string }[] };
}

function isReady({ spec, status }: ApiNode): boolean {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True';
  return ready && !spec?.taints?.some(({ key }) => key === 'node.kubernetes.io/not-ready');
}

/** The way in from outside the lab's network namespace: the keeper connects to this socket for whoever asks it. */
function forward(socketPath: string): Server {
  return createServer((from) => {
    const to = connect(ports.api, gatewayAddress);
    for (const [one, other] of [
      [from, to],
      [to, from],
    ] as const) {
      one.pipe(other);
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
    }
  }).listen(socketPath);
}

function outsideKubeconfig({ outside, ca, adminToken }: ClusterAccess): string {
  const cluster = {
    server: outside,
    'certificate-authority-data': Buffer.from(ca).toString('base64'),
  };
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'lab', cluster }],
    users: [{ name: 'admin', user: { token: adminToken } }],
    contexts: [{ name: 'lab', context: { cluster: 'lab', user: 'admin' } }],
    'current-context': 'lab',
  });
}
