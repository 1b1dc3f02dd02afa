import { stringify } from 'yaml';
import { crdOf } from '@dot-kube/operator';
import { kinds } from '../../src/api/kinds.ts';

/** One file a kind in `config/crd`, as the API server takes it. */
export const crds = (): { path: string; content: string }[] =>
  kinds.map((kind) => ({
    path: `config/crd/${kind.group}_${kind.plural}.yaml`,
    content: `# Generated from src/api by \`npm run generate\`.\n${stringify(crdOf(kind), { lineWidth: 0, aliasDuplicateObjects: false })}`,
  }));
