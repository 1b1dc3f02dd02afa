import { readFileSync } from 'node:fs';
import { request as httpsRequest } from 'node:https';
import { cpus, release, totalmem } from 'node:os';
import type { KubeletConfig } from './requests.ts';

/** The real kubelet tells its whole status this often when nothing changes. */
const statusMs = 60_000;

interface ApiNode {
  status?: { conditions?: { type: string; status: string; lastHeartbeatTime?: string; lastTransitionTime?: string }[] };
}

/**
 * What the cluster sees of a kubelet: the node's Lease renewed, the Ready condition set, the node's address and size
 * told. It runs no pods.
 */
export function kubelet() {
  let round: NodeJS.Timeout | undefined;
  let generation = 0;

  async function renew(config: KubeletConfig, mine: number): Promise<void> {
    try {
      await renewLease(config);
      await tellStatus(config);
    } catch (error) {
      console.error(`kubelet stand-in: ${error instanceof Error ? error.message : String(error)}`);
    }
    if (mine === generation) round = setTimeout(() => void renew(config, mine), config.renewSeconds * 1000);
  }

  return {
    start(config: KubeletConfig): void {
      this.stop();
      void renew(config, generation);
    },
    stop(): void {
      generation += 1;
      clearTimeout(round);
    },
  };
}

async function renewLease(config: KubeletConfig): Promise<void> {
  const leases = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases';
  const spec = {
    holderIdentity: config.nodeName,
    leaseDurationSeconds: config.leaseSeconds,
    renewTime: new Date().toISOString().replace(/Z$/, '000Z'),
  };
  const renewed = await callApi(config, 'PATCH', `${leases}/${config.nodeName}`, { spec });
  if (renewed.status !== 404) return expectOk('renew the lease', renewed);
  const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: config.nodeName }, spec };
  expectOk('create the lease', await callApi(config, 'POST', leases, lease));
}

async function tellStatus(config: KubeletConfig): Promise<void> {
  const path = `/api/v1/nodes/${config.nodeName}`;
  const answer = await callApi(config, 'GET', path);
  expectOk('read the node', answer);
  const ready = (JSON.parse(answer.body) as ApiNode).status?.conditions?.find(({ type }) => type === 'Ready');
  const now = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
  const told = ready?.lastHeartbeatTime === undefined ? 0 : Date.parse(ready.lastHeartbeatTime);
  if (ready?.status === 'True' && Date.parse(now) - told < statusMs) return;
  const condition = {
    type: 'Ready',
    status: 'True',
    reason: 'KubeletReady',
    message: 'The lab node runs and its kubelet stand-in answers.',
    lastHeartbeatTime: now,
    lastTransitionTime: ready?.status === 'True' ? (ready.lastTransitionTime ?? now) : now,
  };
  const capacity = { cpu: String(cpus().length), memory: `${Math.floor(totalmem() / 1024)}Ki`, pods: '110' };
  const status = {
    conditions: [condition],
    capacity,
    allocatable: capacity,
    addresses: [
      { type: 'InternalIP', address: config.address },
      { type: 'Hostname', address: config.nodeName },
    ],
    nodeInfo: {
      machineID: readFileSync('/etc/machine-id', 'utf8').trim(),
      systemUUID: readFileSync('/etc/machine-id', 'utf8').trim(),
      bootID: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
      kernelVersion: release(),
      osImage: 'Debian GNU/Linux (User-Mode Linux)',
      containerRuntimeVersion: 'none://0',
      kubeletVersion: 'v1.36.3',
      kubeProxyVersion: '',
      operatingSystem: 'linux',
      architecture: 'amd64',
    },
  };
  expectOk('tell the status', await callApi(config, 'PATCH', `${path}/status`, { status }, 'strategic-merge'));
}

interface Answer {
  status: number;
  body: string;
}

function expectOk(what: string, { status, body }: Answer): void {
  if (status >= 300) throw new Error(`could not ${what} (HTTP ${status}): ${body.slice(0, 300)}`);
}

/** Plain https rather than a client library: loading one takes longer than the whole boot of a node. */
function callApi(
  config: KubeletConfig,
  method: string,
  path: string,
  body?: object,
  patch: 'merge' | 'strategic-merge' = 'merge',
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const contentType = method === 'PATCH' ? `application/${patch}-patch+json` : 'application/json';
    const request = httpsRequest(new URL(path, config.server), {
      method,
      ca: config.ca,
      headers: { authorization: `Bearer ${config.token}`, 'content-type': contentType },
      timeout: config.leaseSeconds * 1000,
    });
    request.on('timeout', () => request.destroy(new Error(`no answer from ${config.server}`)));
    request.on('error', reject);
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }));
    });
    request.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
