import { dirname, join } from 'node:path';
import { inject } from 'vitest';
import { Component } from '../../lab/control-plane/index.ts';

/**
 * The garbage collector of the API server under test, not yet started: of all controllers of Kubernetes it runs alone.
 * It knows the kinds that are there when it starts.
 */
export function garbageCollector(controllerManager: string): Component {
  const { kubeconfigPath } = inject('apiServer');
  return new Component({
    name: 'kube-controller-manager',
    logFile: join(dirname(kubeconfigPath), 'garbage-collector.log'),
    untilReady: async () => undefined, // serves nobody; garbage that stays would tell
    argv: [
      controllerManager,
      `--kubeconfig=${kubeconfigPath}`,
      '--controllers=garbage-collector-controller',
      '--use-service-account-credentials=false',
      '--leader-elect=false',
      '--secure-port=0',
      '--bind-address=127.0.0.1',
    ],
  });
}
