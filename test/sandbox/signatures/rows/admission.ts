import { expect } from 'vitest'
import { MINUTE } from '../../../../src/model/instant.ts'
import type { PodObject } from '../../../../src/sandbox/world/kubernetes/objects.ts'
import type { SignatureRow } from '../row.ts'
import type { Stage } from '../stage.ts'

const POD_INTERFACE = 'vpc.amazonaws.com/pod-eni'

/** A pod that has no network, with what its events say; repeated events count, times do not. */
function withoutNetwork(stage: Stage, pod: PodObject): readonly unknown[] {
  if (pod.status?.phase === 'Running') return []
  const [container] = pod.spec?.containers ?? []
  const told = stage.events(pod).filter(({ type }) => type === 'Warning')
  return [
    {
      phase: pod.status?.phase,
      waits: pod.status?.containerStatuses?.map(({ state }) => state?.waiting?.reason),
      asksFor: (container as { resources?: { limits?: Record<string, string> } } | undefined)?.resources?.limits?.[POD_INTERFACE],
      annotation: pod.metadata.annotations?.[POD_INTERFACE],
      events: Object.fromEntries(told.map(({ reason, message, count }) => [reason, { message, count }])),
    },
  ]
}

const STUCK = {
  phase: 'Pending',
  waits: ['ContainerCreating'],
  asksFor: '1',
  annotation: undefined,
  events: {
    FailedCreatePodSandBox: { message: expect.stringContaining('failed to assign an IP address to container'), count: expect.any(Number) },
    BranchENIAnnotationFailed: {
      message: expect.stringMatching(
        /^failed to annotate pod with branch ENI details: Pod "web-[^"]*" is invalid: spec: Forbidden: pod updates may not change fields other than/,
      ),
      count: 6,
    },
  },
}

const EKS_WEBHOOK = 'world.objects.0.webhooks.0'
const CONTAINER = 'world.objects.2.spec.rules.0.mutate.patchStrategicMerge.spec.containers.0'

/** Signatures of webhooks and policies that stand in the way. */
export const ADMISSION_ROWS: readonly SignatureRow[] = [
  {
    code: 'P01',
    title: 'a policy rewrites pods on update, so that no branch interface can be written into them',
    act(stage) {
      for (const { metadata } of stage.pods('shop')) stage.world.deletePod('shop', metadata.name, undefined)
      stage.pass(10 * MINUTE)
    },
    look: (stage) => stage.pods('shop').flatMap((pod) => withoutNetwork(stage, pod)),
    evidence: [STUCK, STUCK, STUCK, STUCK],
    outside: { [`${EKS_WEBHOOK}.admissionReviewVersions`]: ['v1beta1'] },
    indifferent: {
      [`${EKS_WEBHOOK}.name`]: 'what a webhook is called decides nothing',
      [`${EKS_WEBHOOK}.admissionReviewVersions`]: 'EKS speaks either',
      [`${EKS_WEBHOOK}.clientConfig.url`]: 'EKS answers beside the API server, whatever stands there',
      [`${EKS_WEBHOOK}.failurePolicy`]: 'it does not fail',
      [`${EKS_WEBHOOK}.sideEffects`]: 'nobody makes a dry run',
      'world.objects.1.metadata.name': 'what a policy is called decides nothing',
      'world.objects.1.spec.podSelector.matchExpressions.0': 'an empty selector selects every pod',
      'world.objects.1.spec.securityGroups.groupIds': 'one security group does as well as another',
      'world.objects.2.metadata.name': 'what a policy is called decides nothing',
      'world.objects.2.spec.rules.0.name': 'what a rule is called decides nothing',
      [`${CONTAINER}.+(securityContext).seccompProfile.type`]: 'any profile is a change that a bound pod may not have',
    },
  },
]
