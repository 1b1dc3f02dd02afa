// The cluster's own lifecycles: volumes, their writer records, moves, drains.
import { parseArgs } from 'node:util';
import { manager } from '@dot-kube/operator';
import { controllerLeaseName, namespace } from '../api/names.ts';
import { clusterControllers } from '../controllers/cluster/index.ts';
import { ensureClusterIdentity } from '../controllers/cluster-identity.ts';
import { controllerService } from '../csi/controller/service.ts';
import { serveOnSocket } from '../csi/grpc/server.ts';
import { translateError } from '../csi/grpc/translate-error.ts';
import { identityService } from '../csi/identity/identity.ts';
import { connect } from './connect.ts';
import { socketPathOf } from './csi-endpoint.ts';
import { observability } from './observability.ts';
import { runRole } from './run-role.ts';
import { version } from './version.ts';

const usage = `Usage: controller [--drain-grace-seconds=60] [--csi-endpoint=unix:///PATH] [--health-port=0]
                  [--log-level=info]

Runs the cluster-wide controllers of HwameiStor, inside a Kubernetes cluster.
  --drain-grace-seconds  a cordoned node that no evictable pod is left on counts as drained after this
  --csi-endpoint         the socket that the CSI sidecars call, leader or not; left out: there is none
  --health-port          /healthz, /readyz and /metrics are served on this port; 0: they are not
  --log-level            trace, debug, info, warn or error
`;

const { values } = parseArgs({
  options: {
    'drain-grace-seconds': { type: 'string', default: '60' },
    'csi-endpoint': { type: 'string' },
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
    const endpoint = values['csi-endpoint'];
    const socket = endpoint === undefined ? undefined : socketPathOf(endpoint);
    const { observe, ...seen } = observability(values['health-port']);
    const client = await connect('hwameistor-controller', observe);
    await ensureClusterIdentity(client, signal);
    const services = [identityService({ version, isReady: () => true }), controllerService({ client })];
    const csi =
      socket === undefined ? undefined : await serveOnSocket(socket, services, { log, translate: translateError });
    const controllers = clusterControllers({ drainGraceMs: graceSeconds * 1000 });
    await manager({
      client,
      controllers,
      log,
      ...seen,
      leaderElection: { namespace, name: controllerLeaseName },
    }).run(signal);
    await csi?.stop();
    client.close();
  });
}
