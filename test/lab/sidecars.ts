import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { namespace } from '../../src/api/names.ts';
import { ensureCommands, sidecarCommands } from '../../scripts/setup/go-commands.ts';
import { kubeconfig } from './control-plane/kubeconfig.ts';
import type { ClusterAccess, ProgramSpec } from './guest/requests.ts';

/** More than a node with many claims at once needs; a call that was cut short is made again for the same volume. */
const callTimeout = '120s';

/**
 * The sidecars of the controller's pod, as programs beside it: they reach it by the socket, and the API server as its
 * service account.
 * @param folder has the `token` and `ca.crt` of that account
 */
export async function sidecarPrograms(
  { folder, socket, access }: { folder: string; socket: string; access: ClusterAccess },
  say: (line: string) => void,
): Promise<ProgramSpec[]> {
  const binaries = await ensureCommands(sidecarCommands, say);
  const config = join(folder, 'kubeconfig');
  const token = join(folder, 'token');
  writeFileSync(config, kubeconfig({ server: access.inside, caPath: join(folder, 'ca.crt'), tokenPath: token }));
  const common = [`--kubeconfig=${config}`, `--csi-address=${socket}`, '--retry-interval-max=10s'];
  return [
    {
      name: 'csi-provisioner',
      argv: [
        binaries['csi-provisioner'],
        ...common,
        `--timeout=${callTimeout}`,
        '--strict-topology',
        '--immediate-topology=false',
        '--extra-create-metadata',
        '--enable-capacity',
        // Here it runs in no pod that could own what it makes.
        '--capacity-ownerref-level=-1',
        '--capacity-poll-interval=10s',
      ],
      env: { NAMESPACE: namespace },
      keepRunning: true,
    },
    {
      name: 'csi-resizer',
      argv: [binaries['csi-resizer'], ...common, `--timeout=${callTimeout}`, `--resize-timeout=${callTimeout}`],
      env: { NAMESPACE: namespace },
      keepRunning: true,
    },
  ];
}
