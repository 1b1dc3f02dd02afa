import { randomBytes } from 'node:crypto';

/** Someone the API server knows by a token from its token file. */
export interface Identity {
  readonly user: string;
  readonly groups: readonly string[];
  readonly token: string;
}

const newToken = (): string => randomBytes(24).toString('hex');

export const adminIdentity = (): Identity => ({ user: 'lab-admin', groups: ['system:masters'], token: newToken() });

/** What a kubelet is to the API server: the Node authorizer lets it write its own Node and Lease, and no other. */
export const kubeletIdentity = (node: string): Identity => ({
  user: `system:node:${node}`,
  groups: ['system:nodes'],
  token: newToken(),
});

/** The API server's token file: `token,user,uid,"group1,group2"`. */
export function tokenFile(identities: readonly Identity[]): string {
  return identities.map(({ token, user, groups }) => `${token},${user},${user},"${groups.join(',')}"\n`).join('');
}
