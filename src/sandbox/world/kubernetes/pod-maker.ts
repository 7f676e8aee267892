import type { Millis } from '../../../model/instant.ts'
import { MINUTE, SECOND } from '../../../model/instant.ts'
import type { StoredObject } from '../../contract.ts'
import { WireError } from '../../contract.ts'
import { isTerminatingNamespace } from './api/api-errors.ts'
import { completedPod } from './api/completed-pod.ts'
import { builtInKind } from './api/kinds.ts'
import { enforcesPodSecurity } from './api/pod-security.ts'
import type { ApiUser, NewObject } from './api/requests.ts'
import type { EventRecorder } from './events.ts'
import type { Ground } from './ground.ts'
import { keyOf } from './objects.ts'

/** What became of a pod that a controller wanted: the pod, or why the API server refused it. */
export type Made = { readonly pod: StoredObject } | { readonly refusal: string }

/**
 * Makes the pods of one kind of controller. While webhooks are configured they pass the API server's admission, as the
 * controller's service account; without any nothing could refuse them. What is refused is said in an event on the owner, and
 * the controller looks at the owner again: after 5 ms, twice as long each time, at most 1000 s.
 * Source: k8s.io/kubernetes, pkg/controller/controller_utils.go (`createPods`), pkg/controller/statefulset/stateful_pod_control.go;
 * k8s.io/client-go, util/workqueue/default_rate_limiters.go.
 */
export interface PodMaker {
  make(owner: StoredObject, pod: NewObject): Made
}

interface Controller {
  /** Its service account in kube-system: k8s.io/kubernetes, plugin/pkg/auth/authorizer/rbac/bootstrappolicy/controller_policy.go. */
  readonly account: string
  readonly component: string
  readonly firstWait: Millis
  readonly longestWait: Millis
  readonly refused: (pod: string, owner: string, because: string) => string
}

const QUEUE = { firstWait: 5, longestWait: 1000 * SECOND } as const
const refused = (_pod: string, _owner: string, because: string): string => `Error creating: ${because}`

const CONTROLLERS = {
  ReplicaSet: { account: 'replicaset-controller', component: 'replicaset-controller', ...QUEUE, refused },
  DaemonSet: { account: 'daemon-set-controller', component: 'daemonset-controller', ...QUEUE, refused },
  StatefulSet: {
    account: 'statefulset-controller',
    component: 'statefulset-controller',
    ...QUEUE,
    refused: (pod, owner, because) => `create Pod ${pod} in StatefulSet ${owner} failed error: ${because}`,
  },
  // `DefaultJobApiBackOff` and `MaxJobApiBackOff` of pkg/controller/job/job_controller.go.
  Job: { account: 'job-controller', component: 'job-controller', firstWait: SECOND, longestWait: MINUTE, refused },
} as const satisfies Readonly<Record<string, Controller>>

const POD = builtInKind('Pod')

/** `again` is told the key of an owner whose pod was refused, when its wait is over. */
export function createPodMaker(
  ground: Ground,
  events: EventRecorder,
  kind: keyof typeof CONTROLLERS,
  again: (key: string) => void,
): PodMaker {
  const controller: Controller = CONTROLLERS[kind]
  const user = serviceAccount(controller.account)
  /** How often in a row the pods of an owner were refused, by its uid. */
  const refusals = new Map<string, number>()

  function complain(owner: StoredObject, pod: NewObject, error: WireError): Made {
    const refusal = error.message
    if (isTerminatingNamespace(error)) return { refusal }
    const { uid, name } = owner.metadata
    const nth = refusals.get(uid) ?? 0
    refusals.set(uid, nth + 1)
    const message = controller.refused(pod.metadata.name, name, refusal)
    events.record(owner, { type: 'Warning', reason: 'FailedCreate', message, component: controller.component })
    const wait = Math.min(controller.firstWait * 2 ** nth, controller.longestWait)
    const key = `k8s/pod-refused/${kind}/${keyOf(owner)}`
    ground.timeline.cancel(key)
    ground.timeline.after(wait, key, () => again(keyOf(owner)))
    return { refusal }
  }

  return {
    make(owner, pod) {
      const isAsked = hasWebhooks(ground) || enforcesPodSecurity(ground.store, pod.metadata.namespace)
      if (ground.beginning() || POD === undefined || !isAsked) return { pod: ground.create(completedPod(ground.store, pod)) }
      try {
        const made = ground.api.create({ user }, POD, pod)
        refusals.delete(owner.metadata.uid)
        return { pod: made }
      } catch (error) {
        if (error instanceof WireError) return complain(owner, pod, error)
        throw error
      }
    },
  }
}

function hasWebhooks({ store }: Ground): boolean {
  return store.list('MutatingWebhookConfiguration').length > 0 || store.list('ValidatingWebhookConfiguration').length > 0
}

/** The groups of a service account: https://kubernetes.io/docs/reference/access-authn-authz/authentication/#service-account-tokens. */
function serviceAccount(name: string): ApiUser {
  const groups = ['system:serviceaccounts', 'system:serviceaccounts:kube-system', 'system:authenticated']
  return { username: `system:serviceaccount:kube-system:${name}`, groups }
}
