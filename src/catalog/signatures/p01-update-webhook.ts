import { asksAboutPods, leavesOut, rulesThatRewrite } from '../checks/reading/admission.ts'
import { aboutPod, byPerson, matched, type Signature, says, type Weighed } from './definition.ts'
import type { ClusterFacts, PodFact } from './facts.ts'
import { nodesOf } from './reading.ts'

/** Who annotates a pod with its branch interface. */
const CONTROLLER = 'eks:vpc-resource-controller'
/** EKS's own webhooks change no pod that is updated; Kyverno's are judged by its policies. */
const NOT_THESE = /^(vpc-resource-mutating-webhook|pod-identity-webhook|kyverno-.*)$/
const REFUSED = /pod updates may not change fields other than|failed to annotate pod with branch ENI details/

/** A webhook rewrites pods that are updated, so the annotation with the branch interface is refused. */
export const updateWebhook: Signature = {
  code: 'P01',
  title: 'A webhook or policy rewrites pods on UPDATE, so their branch interface cannot be written into them',
  source: 'https://github.com/aws/amazon-vpc-cni-k8s/issues/2814',
  explains: ['P02', 'P03', 'P06'],
  needs: ['kubernetes:pods', 'kubernetes:mutatingwebhookconfigurations', 'kubernetes:clusterpolicies'],
  match(facts) {
    const waiting = facts.stuck.filter(({ asksForBranch, annotated }) => asksForBranch && !annotated)
    if (waiting.length === 0) return undefined
    const refusals = waiting.flatMap((pod) => refusalsOf(pod))
    const suspects = suspectsOf(facts)
    const silent =
      refusals.length === 0 &&
      suspects.length > 0 &&
      waiting.every(({ events }) => events.every(({ reason }) => reason !== 'BranchAllocationFailed'))
    if (refusals.length === 0 && !silent) return { rejected: 'no annotation of a branch interface was refused' }
    const pods = refusals.length === 0 ? waiting : waiting.filter((pod) => refusals.some(({ subject }) => subject === aboutPod(pod)))
    return matched({
      nodes: nodesOf(pods),
      pods,
      evidence: [
        ...refusals,
        ...suspects.map((text) => says(2, text, 'rewrites or may rewrite pods that the VPC resource controller updates')),
        ...(silent
          ? pods.slice(0, 3).map((pod) => says(1, aboutPod(pod), 'asks for a branch interface and was never annotated with one'))
          : []),
      ],
      against:
        suspects.length === 0 && facts.readable('kubernetes:mutatingwebhookconfigurations')
          ? [says(1, 'Cluster', 'no webhook or Kyverno policy was found that does it')]
          : [],
    })
  },
  remedy(_match, facts) {
    const suspects = suspectsOf(facts).join(', ')
    const anew = byPerson('Make the stuck pods anew: what refused their annotation was not found any more.', 'serin remediate PLAN')
    if (suspects === '') return { ...anew, cure: 'recreate-pods' }
    const first = `First keep the controller out of ${suspects}: by user ${CONTROLLER}, or by acting on CREATE only. Then make the stuck pods anew; before that each try fails again and costs an interface.`
    return {
      ...byPerson(first, ...exclusionsOf(facts), 'serin remediate PLAN'),
      cure: 'recreate-pods',
      blockedUntil: `${suspects} would have the annotation of new pods refused too`,
    }
  },
}

function refusalsOf(pod: PodFact): readonly Weighed[] {
  const refused = pod.events.find(({ reason, text }) => reason === 'BranchENIAnnotationFailed' && REFUSED.test(text))
  return refused === undefined
    ? []
    : [says(4, aboutPod(pod), `event BranchENIAnnotationFailed, ${refused.count} times: ${refused.text.slice(0, 240)}`)]
}

/** Webhooks and policies that are asked about updates of pods and do not leave the controller out. */
export function suspectsOf({ webhooks, policies }: ClusterFacts): readonly string[] {
  const byWebhook = webhooks
    .filter(
      ({ metadata, webhooks: all = [] }) =>
        !NOT_THESE.test(metadata.name) && all.some((one) => asksAboutPods(one, 'UPDATE') && !leavesOut(one.matchConditions, CONTROLLER)),
    )
    .map(({ metadata }) => `MutatingWebhookConfiguration/${metadata.name}`)
  const byPolicy = policies
    .filter((policy) => rulesThatRewrite(policy, CONTROLLER).length > 0)
    .map(({ metadata }) => `ClusterPolicy/${metadata.name}`)
  return [...byPolicy, ...byWebhook]
}

/** The patches that keep the controller out, ready to type. */
function exclusionsOf({ webhooks, policies }: ClusterFacts): readonly string[] {
  const ofPolicies = policies.flatMap((policy) =>
    rulesThatRewrite(policy, CONTROLLER).map(({ rule, index }) => {
      const clause = { subjects: [{ kind: 'User', name: CONTROLLER }] }
      const [path, value] = rule.exclude?.any === undefined ? ['exclude', { any: [clause] }] : ['exclude/any/-', clause]
      return patchLine('clusterpolicy', policy.metadata.name, `/spec/rules/${index}/${path}`, value)
    }),
  )
  const condition = { name: 'not-the-vpc-resource-controller', expression: `request.userInfo.username != "${CONTROLLER}"` }
  const ofWebhooks = webhooks.flatMap(({ metadata, webhooks: all = [] }) =>
    NOT_THESE.test(metadata.name)
      ? []
      : all.flatMap((one, index) => {
          if (!asksAboutPods(one, 'UPDATE') || leavesOut(one.matchConditions, CONTROLLER)) return []
          const [path, value] = one.matchConditions === undefined ? ['matchConditions', [condition]] : ['matchConditions/-', condition]
          return patchLine('mutatingwebhookconfiguration', metadata.name, `/webhooks/${index}/${path}`, value)
        }),
  )
  return [...ofPolicies, ...ofWebhooks]
}

function patchLine(kind: string, name: string, path: string, value: unknown): string {
  return `kubectl patch ${kind} ${name} --type=json -p '${JSON.stringify([{ op: 'add', path, value }])}'`
}
