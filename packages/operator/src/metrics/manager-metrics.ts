import type { SharedCaches } from '../cache.ts';
import { resourceId } from '../resource.ts';
import type { MetricSpec, Metrics } from './metrics.ts';

const specs = {
  leader: {
    name: 'leader_election_master_status',
    help: "Gauge of if the reporting system is master of the relevant lease, 0 indicates backup, 1 indicates master. 'name' is the string used to identify the lease. Please make sure to group by name.",
  },
  objects: {
    name: 'operator_cache_objects',
    help: 'Objects in memory, by resource and by what the server was asked to select.',
  },
} satisfies Record<string, MetricSpec>;

export function cacheMetrics(metrics: Metrics, caches: SharedCaches): void {
  for (const { reflector, selector } of caches.all()) {
    const labels = { resource: resourceId(reflector.store.resource), selector };
    metrics.gauge(specs.objects, labels, () => reflector.store.size());
  }
}

export function leaderMetrics(metrics: Metrics, lease: string, leads: () => boolean): void {
  metrics.gauge(specs.leader, { name: lease }, () => (leads() ? 1 : 0));
}
