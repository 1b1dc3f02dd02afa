/** What is asked, in the words of RBAC. */
export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete';

export interface Call {
  readonly verb: Verb;
  /** Without the query. */
  readonly path: string;
}

const verbOfMethod: Readonly<Record<string, Verb>> = {
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

/** Reads a request as an API server does. */
export function callOf(method: string, url: string): Call {
  const { pathname: path, searchParams } = new URL(url, 'https://server');
  if (searchParams.get('watch') === 'true') return { verb: 'watch', path };
  return { verb: verbOfMethod[method] ?? (namesAnObject(path) ? 'get' : 'list'), path };
}

/** `/api/v1/nodes/a` does, `/api/v1/nodes` and `/api/v1/namespaces/default/pods` name collections. */
function namesAnObject(path: string): boolean {
  const [root, ...rest] = path.split('/').filter((part) => part !== '');
  const inVersion = rest.slice(root === 'apis' ? 2 : 1);
  const isNamespaced = inVersion[0] === 'namespaces' && inVersion.length > 2;
  return (isNamespaced ? inVersion.slice(2) : inVersion).length > 1;
}
