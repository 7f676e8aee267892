import { SerinError } from '../../../src/errors/serin-error.ts'
import type { KubernetesObject } from '../../../src/model/kubernetes.ts'
import type { Kubernetes, Resource } from '../../../src/ports/kubernetes.ts'

type Call = 'get' | 'create' | 'replace'

/** Objects in memory under the API server's rules of resource versions. */
export function memoryKubernetes() {
  const objects = new Map<string, KubernetesObject>()
  let version = 100
  /** Errors for the next calls of a kind, before or after the effect. */
  const failures: { call: Call; code: 'REMOTE_UNAVAILABLE'; after: boolean }[] = []
  const keyOf = (resource: Resource, namespace: string | undefined, name: string) => `${resource.plural}/${namespace}/${name}`
  const copy = <T>(value: T): T => structuredClone(value)

  const failing = async <T>(call: Call, work: () => T): Promise<T> => {
    const at = failures.findIndex((failure) => failure.call === call)
    const failure = at < 0 ? undefined : failures.splice(at, 1)[0]
    if (failure === undefined) return copy(work())
    if (failure.after) work()
    throw new SerinError(failure.code, 'away', { ambiguous: failure.after })
  }
  const store = (key: string, object: KubernetesObject): KubernetesObject => {
    version += 1
    const stored = { ...copy(object), metadata: { ...copy(object.metadata), resourceVersion: String(version) } }
    objects.set(key, stored)
    return stored
  }
  const conflict = () => new SerinError('REMOTE_CONFLICT', 'the object has been modified', { status: 409 })
  const kubernetes: Kubernetes = {
    list: async () => [],
    get: (resource, namespace, name) => failing('get', () => objects.get(keyOf(resource, namespace, name)) as never),
    review: async () => {
      throw new Error('not used here')
    },
    create: (resource, object) =>
      failing('create', () => {
        const key = keyOf(resource, object.metadata.namespace, object.metadata.name)
        if (objects.has(key)) throw conflict()
        return store(key, object) as never
      }),
    replace: (resource, object) =>
      failing('replace', () => {
        const key = keyOf(resource, object.metadata.namespace, object.metadata.name)
        const current = objects.get(key)
        if (object.metadata.resourceVersion === undefined)
          throw new SerinError('REMOTE_REFUSED', 'must be specified for an update', { status: 422 })
        if (current === undefined) throw new SerinError('REMOTE_NOT_FOUND', 'not found', { status: 404 })
        if (current.metadata.resourceVersion !== object.metadata.resourceVersion) throw conflict()
        return store(key, object) as never
      }),
    tryPatch: async () => {},
    patch: async () => {
      throw new Error('not used here')
    },
    remove: async (resource, namespace, name) => {
      objects.delete(keyOf(resource, namespace, name))
    },
    evict: async () => {
      throw new Error('not used here')
    },
    logs: async () => '',
    askPod: async () => '',
    version: async () => 'v1.33.5',
  }
  return {
    kubernetes,
    failNext: (call: Call, after = false) => failures.push({ call, code: 'REMOTE_UNAVAILABLE', after }),
    only: (): KubernetesObject & Record<string, unknown> => {
      const [first] = objects.values()
      if (first === undefined) throw new Error('nothing is stored')
      return first as never
    },
  }
}
