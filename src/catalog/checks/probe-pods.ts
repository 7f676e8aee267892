import type { KubernetesObject, LabelSelector, PodDisruptionBudget } from '../../model/kubernetes.ts'
import { selectorMatches } from '../../model/kubernetes.ts'
import type { ProbePlace } from '../../model/probe.ts'
import { type ClusterSnapshot, objectsOf } from '../../model/snapshot.ts'
import { probePlaces } from '../gates/probing/options.ts'
import type { CheckDefinition, CheckFinding } from './definition.ts'
import { foundOr } from './reading/verdicts.ts'

/** The gate network-proof can make its pods. */
export const probePods: CheckDefinition = {
  code: 'PROBE_PODS',
  title: 'The API server takes the probe pods that the gate network-proof is going to make',
  severity: 'block',
  waivable: true,
  needs: [],
  notApplicable: ({ plan }) => (probePlaces(plan).length === 0 ? 'No gate of the plan makes probe pods.' : undefined),
  prevents: 'A run that holds in the middle because its probes are refused, by a policy, a quota or a namespace that is not there.',
  remedy:
    'Make the namespace (`kubectl create namespace NAMESPACE`), give Serin the role of `serin permissions --apply --plan PLAN`, and let the pod pass your policies: it runs without rights, as user 65534.',
  source: 'https://kubernetes.io/docs/reference/using-api/api-concepts/#dry-run',
  evaluate: ({ snapshot, plan }) =>
    foundOr(
      probePlaces(plan).flatMap((place) => [...refused(place, snapshot), ...aboutPolicy(place, snapshot)]),
      plan,
      `The API server takes the probe pods in ${probePlaces(plan)
        .map(({ namespace }) => namespace)
        .join(', ')}.`,
    ),
}

/** A refusal says nothing about the network, so it is unknown; who may only read cannot know, and who has an older snapshot did not ask. */
function refused({ namespace }: ProbePlace, snapshot: ClusterSnapshot): readonly CheckFinding[] {
  const source = `kubernetes:probe/${namespace}`
  const subject = `Namespace/${namespace}`
  const gap = snapshot.unavailable?.find((each) => each.source === source)
  if (gap !== undefined) {
    const words = gap.message ?? gap.reason
    if (/cannot create resource/.test(words))
      return [
        {
          verdict: 'warn',
          subject,
          message: `Whoever took the snapshot may not make pods in ${namespace}, so nobody knows whether a probe would be taken: ${words}`,
          remedy: GIVE_ROLE,
        },
      ]
    return [
      {
        verdict: 'unknown',
        subject,
        message: `A probe pod in ${namespace} would be refused: ${words}`,
        remedy: remedyFor(words, namespace),
      },
    ]
  }
  if (snapshot.kubernetes.dryRuns?.some((each) => each.subject === source)) return []
  return [
    {
      verdict: 'warn',
      subject,
      message: `Whether a probe pod in ${namespace} would be taken was not asked: the snapshot was taken without the plan.`,
      remedy: 'Take it with the plan: `serin snapshot PLAN -o FILE`.',
    },
  ]
}

const GIVE_ROLE = 'Give Serin the role: `serin permissions --apply --plan PLAN --only rbac | kubectl apply -f -`.'

/** By what the API server said. */
function remedyFor(words: string, namespace: string): string {
  if (/namespaces "[^"]*" not found/.test(words)) return `Make it: \`kubectl create namespace ${namespace}\`. ${GIVE_ROLE}`
  if (/failed calling webhook/.test(words))
    return `Bring back the webhook that it names, or leave ${namespace} out: \`kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations\`.`
  return `Let the pod pass what refuses it in ${namespace}: it runs without rights, as user 65534.`
}

type Selecting = KubernetesObject & {
  readonly spec?: { readonly podSelector?: LabelSelector; readonly selector?: Readonly<Record<string, string>> }
}

/** The labels of a probe are to find a policy, and nothing that would take the probe for one of its own pods. */
function aboutPolicy({ namespace, branch }: ProbePlace, snapshot: ClusterSnapshot): readonly CheckFinding[] {
  if (branch === undefined) return []
  const here = <T extends KubernetesObject>(kind: string) =>
    objectsOf<T>(snapshot, kind).filter(({ metadata }) => metadata.namespace === namespace)
  const policies = here<Selecting>('SecurityGroupPolicy')
  const found: CheckFinding[] = []
  if (!policies.some(({ spec }) => selectorMatches(spec?.podSelector, branch))) {
    const message = `No SecurityGroupPolicy of ${namespace} selects the labels that the probe wears: it would get no interface of its own.`
    found.push({ verdict: 'unknown', subject: `Namespace/${namespace}`, message })
  }
  const budgets = here<PodDisruptionBudget>('PodDisruptionBudget').filter(({ spec }) => selectorMatches(spec?.selector, branch))
  const services = here<Selecting>('Service').filter(
    ({ spec }) => spec?.selector !== undefined && selectorMatches({ matchLabels: spec.selector }, branch),
  )
  for (const { kind, metadata } of [...budgets, ...services]) {
    const message = `It also selects the probe by the labels it wears: use a SecurityGroupPolicy that nothing else shares.`
    found.push({ verdict: 'warn', subject: `${kind}/${namespace}/${metadata.name}`, message })
  }
  return found
}
