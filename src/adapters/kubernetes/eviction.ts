import { isSerinError, type SerinError } from '../../errors/serin-error.ts'
import type { EvictionAnswer } from '../../model/eviction.ts'
import { RESOURCES } from '../../ports/kubernetes.ts'
import type { Retrier } from '../retry.ts'
import type { Connection } from './connection.ts'
import { apiPath } from './paths.ts'

/**
 * Asks a pod to leave through its eviction subresource. The uid goes with it: the next pod of a StatefulSet has the same name
 * and must not be evicted in place of the one that was meant.
 */
export async function evictPod(
  connection: Connection,
  retrier: Retrier,
  namespace: string,
  pod: string,
  uid: string,
): Promise<EvictionAnswer> {
  const path = `${apiPath(RESOURCES.pods, namespace, pod)}/eviction`
  const metadata = { namespace, name: pod }
  const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata, deleteOptions: { preconditions: { uid } } }
  return retrier.once(async () => {
    try {
      await connection.request('POST', path, { body })
      return { kind: 'accepted' }
    } catch (error) {
      const answer = isSerinError(error) ? answerOf(error) : undefined
      if (answer === undefined) throw error
      return answer
    }
  })
}

/**
 * The answers that the API server gives in the form of an error. Sources: kubernetes, pkg/registry/core/pod/storage/eviction.go
 * (429 with the cause DisruptionBudget, 500 for two budgets), k8s.io/apiserver, pkg/admission/plugin/webhook/errors (denials,
 * webhooks that cannot be called), k8s.io/apiserver, pkg/registry/generic/registry (409 for a uid that is another one's).
 */
function answerOf({ details, message }: SerinError): EvictionAnswer | undefined {
  const { status, remoteCode } = details
  if (status === 404) return { kind: 'gone' }
  if (status === 409 && /precondition failed: uid/i.test(message)) return { kind: 'gone' }
  // Everything in the namespace goes, this pod too.
  if (status === 403 && (remoteCode === 'NamespaceTerminating' || /because it is being terminated/.test(message)))
    return { kind: 'accepted' }
  if (status === 429 && remoteCode === 'DisruptionBudget') return { kind: 'held', by: 'budget', message }
  if (status === 500 && /more than one PodDisruptionBudget/.test(message)) return { kind: 'held', by: 'overlapping-budgets', message }
  const webhook = /admission webhook ".*" denied the request|failed calling webhook/.test(message)
  return webhook ? { kind: 'held', by: 'webhook', message } : undefined
}
