// The agent of one node: its disks, its pools, its replicas.
import { hostname } from 'node:os';
import { parseArgs } from 'node:util';
import { type Client, manager, sleep, systemClock } from '@dot-kube/operator';
import { agentControllers, keepLease } from '../controllers/agent/index.ts';
import { type ClusterIdentity, readClusterIdentity } from '../controllers/cluster-identity.ts';
import { serveNode } from '../csi/node/serve-node.ts';
import { exclusiveOpen } from '../node/disk/exclusive-open.ts';
import { hostFollow } from '../node/follow.ts';
import { hostFiles } from '../node/host-files.ts';
import { hostTools } from '../node/host-tools.ts';
import { hostPrefix } from '../node/host-prefix.ts';
import { hostRun } from '../node/run.ts';
import { connect } from './connect.ts';
import { observability } from './observability.ts';
import { runRole } from './run-role.ts';
import { version } from './version.ts';

const usage = `Usage: agent [--nodename=$NODE_NAME] [--csi=off] [--kubelet-dir=/var/lib/kubelet] [--health-port=0]
             [--log-level=info]

Runs on each node, as root: disks, volume groups, logical volumes and DRBD of this node.
  --nodename     Kubernetes' name of this node
  --csi          on: volumes are given to pods, as kubelet asks for them; off: they are not
  --kubelet-dir  kubelet's folder, where the CSI driver is found by it
  --health-port  /healthz, /readyz and /metrics are served on this port; 0: they are not
  --log-level    trace, debug, info, warn or error
`;
const identityPollMs = 1000;
/** On one node, as kubelet is told; what its pools really have room for the scheduler learns elsewhere. */
const mostVolumes = 1000;

const { values } = parseArgs({
  options: {
    nodename: { type: 'string', default: process.env['NODE_NAME'] ?? '' },
    csi: { type: 'string', default: 'off' },
    'kubelet-dir': { type: 'string', default: '/var/lib/kubelet' },
    'health-port': { type: 'string', default: '0' },
    'log-level': { type: 'string', default: 'info' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) process.stdout.write(usage);
else {
  await runRole('agent', values['log-level'], async (log, signal) => {
    const node = values.nodename;
    if (node === '') throw new Error('The name of the node is not known. Set NODE_NAME, or pass --nodename.');
    const { csi, 'kubelet-dir': kubeletDir } = values;
    if (csi !== 'on' && csi !== 'off') throw new Error(`--csi=${csi} is neither on nor off.`);
    const { observe, ...seen } = observability(values['health-port']);
    const client = await connect('hwameistor-agent', observe);
    const stop = new AbortController();
    const until = AbortSignal.any([signal, stop.signal]);
    // Before the wait for the controller, which is none of this process's faults.
    await seen.health?.start();
    const lease = keepLease({ client, clock: systemClock, log, node }, until);
    try {
      const prefix = await hostPrefix();
      const root = prefix.length === 0 ? '' : '/proc/1/root';
      const tools = hostTools({
        run: hostRun({ prefix, log }),
        files: hostFiles(root),
        follow: hostFollow({ prefix }),
        isHeldExclusively: exclusiveOpen(root),
        nodeName: node,
        hostname: hostname(),
      });
      const cluster = await clusterIdentity(client, until);
      const controllers = agentControllers({ node, tools, cluster });
      const context = { node, clusterId: cluster.clusterId, kubeletDir, client, tools, clock: systemClock, log, until };
      await Promise.all([
        manager({ client, controllers, log, identity: node, ...seen }).run(until),
        ...(csi === 'on' ? [serveNode(context, { version, mostVolumes })] : []),
      ]);
    } finally {
      stop.abort();
      await lease;
      client.close();
    }
  });
}

/** Waits for the controller to choose it: without it nothing can be told ours or foreign. */
async function clusterIdentity(client: Client, signal: AbortSignal): Promise<ClusterIdentity> {
  for (;;) {
    const identity = await readClusterIdentity(client, signal);
    if (identity !== undefined) return identity;
    await sleep(systemClock, identityPollMs, signal);
    signal.throwIfAborted();
  }
}
