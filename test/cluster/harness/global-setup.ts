import type { TestProject } from 'vitest/node';
import { RequirementError } from '../../../scripts/setup/requirement-error.ts';
import { startLab } from '../../lab/index.ts';
import { clusterNodes, installProduct } from './product.ts';

declare module 'vitest' {
  interface ProvidedContext {
    clusterLab: { name: string } | { missing: string };
  }
}

/**
 * One lab with real kubelets and the product for the whole level: its nodes are booted once, and go with the test run
 * however that ends.
 */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const say = (line: string): void => void process.stderr.write(`cluster level: ${line}\n`);
  try {
    const lab = await startLab({ name: `cluster-${process.pid}`, nodes: clusterNodes(), pods: true, onProgress: say });
    try {
      await installProduct(lab, say);
    } catch (error) {
      await lab.stop();
      throw error;
    }
    project.provide('clusterLab', { name: lab.name });
    return () => lab.stop();
  } catch (error) {
    if (!(error instanceof RequirementError)) throw error;
    say(`skipped: ${error.message}`);
    project.provide('clusterLab', { missing: error.message });
    return undefined;
  }
}
