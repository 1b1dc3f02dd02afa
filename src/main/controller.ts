// The cluster's own lifecycles: volumes, their writer records, moves, drains.
import { parseArgs } from 'node:util';
import { manager } from '@dot-kube/operator';
import { controllerLeaseName, namespace } from '../api/names.ts';
import { clusterControllers } from '../controllers/cluster/index.ts';
import { ensureClusterIdentity } from '../controllers/cluster-identity.ts';
import { connect } from './connect.ts';
import { observability } from './observability.ts';
import { runRole } from './run-role.ts';

const usage = `Usage: controller [--drain-grace-seconds=60] [--health-port=0] [--log-level=info]

Runs the cluster-wide controllers of HwameiStor, inside a Kubernetes cluster.
  --drain-grace-seconds  a cordoned node that no evictable pod is left on counts as drained after this
  --health-port          /healthz, /readyz and /metrics are served on this port; 0: they are not
  --log-level            trace, debug, info, warn or error
`;

const { values } = parseArgs({
  options: {
    'drain-grace-seconds': { type: 'string', default: '60' },
    'health-port': { type: 'string', default: '0' },
    'log-level': { type: 'string', default: 'info' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) process.stdout.write(usage);
else {
  await runRole('controller', values['log-level'], async (log, signal) => {
    const graceSeconds = Number(values['drain-grace-seconds']);
    if (!(graceSeconds >= 0))
      throw new Error(`--drain-grace-seconds=${values['drain-grace-seconds']} is no time. Give a number of seconds.`);
    const { observe, ...seen } = observability(values['health-port']);
    const client = await connect('hwameistor-controller', observe);
    await ensureClusterIdentity(client, signal);
    const controllers = clusterControllers({ drainGraceMs: graceSeconds * 1000 });
    await manager({
      client,
      controllers,
      log,
      ...seen,
      leaderElection: { namespace, name: controllerLeaseName },
    }).run(signal);
    client.close();
  });
}
