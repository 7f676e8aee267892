import type { ObjectMeta } from '../../../model/kubernetes.ts'

/** Settings of one manager of an object. */
export interface Owned {
  readonly manager: string
  /** `template.spec.containers[aws-node].env[WARM_IP_TARGET]` */
  readonly fields: readonly string[]
}

/** EKS itself, and the controller that writes the status. */
const OF_EKS = ['eks', 'kube-controller-manager']

/** Settings of the spec by manager, without those of EKS; what was applied before managers were tracked counts for its tool. */
export function fieldsOfOthers(managed: ObjectMeta['managedFields'] = []): readonly Owned[] {
  const others = managed.filter(({ manager = '', subresource = '' }) => !OF_EKS.includes(manager) && subresource === '')
  const owned = others.map(({ manager = 'somebody', fieldsV1 }) => ({ manager, fields: leaves(member(fieldsV1, 'f:spec')) }))
  return owned.filter(({ fields }) => fields.length > 0)
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null

function member(value: unknown, name: string): unknown {
  return isObject(value) ? value[name] : undefined
}

/** `template.spec.containers[aws-node].env[WARM_IP_TARGET]`: the shortest path that says what is owned. */
function leaves(fields: unknown, path = ''): readonly string[] {
  if (!isObject(fields)) return []
  const inner = Object.entries(fields).filter(([name]) => name !== '.')
  if (inner.length === 0 || isVariable(path)) return path === '' ? [] : [path]
  return inner.flatMap(([name, value]) => leaves(value, step(path, name)))
}

/** An environment variable is one setting, not one for its name and one for its value. */
const isVariable = (path: string) => /\.env\[[^\]]*\]$/.test(path)

function step(path: string, name: string): string {
  if (name.startsWith('k:')) return `${path}[${keyOf(name.slice(2))}]`
  const bare = name.replace(/^[fv]:/, '')
  return path === '' ? bare : `${path}.${bare}`
}

function keyOf(text: string): string {
  try {
    const key: unknown = JSON.parse(text)
    return isObject(key) ? Object.values(key).join(',') : text
  } catch {
    return text
  }
}
