import type { KubernetesObject } from '../../../../model/kubernetes.ts'
import type { ObjectStore } from '../../../contract.ts'
import type { ApiServer } from './api-server.ts'
import { builtInKind } from './kinds.ts'
import { installKyverno, requireUnderstoodPolicy } from './kyverno.ts'
import type { NewObject } from './requests.ts'
import { creationProblems } from './validation.ts'

const WEBHOOKS = new Set(['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'])

/**
 * Brings Kyverno into a world whose objects hold its policies. Throws Error for a policy or webhook configuration among
 * them that says more than the sandbox understands, or that the API server would refuse.
 */
export function installPolicyEngine(
  { objects }: { readonly objects: readonly KubernetesObject[] },
  store: ObjectStore,
  api: ApiServer,
): void {
  for (const object of objects as readonly NewObject[]) {
    const kind = WEBHOOKS.has(object.kind) ? builtInKind(object.kind) : undefined
    const [problem] = kind === undefined ? [] : creationProblems(kind, object, undefined)
    if (problem !== undefined) throw new Error(`${object.kind} ${object.metadata.name}: ${problem.field}: ${problem.message}`)
    if (object.kind === 'ClusterPolicy') requireUnderstoodPolicy(object)
  }
  if (objects.some(({ apiVersion }) => apiVersion.startsWith('kyverno.io/')))
    installKyverno(store, api.backends, (object) => store.create(object))
}
