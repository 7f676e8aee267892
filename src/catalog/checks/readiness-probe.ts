import type { Container, KubernetesObject, Pod } from '../../model/kubernetes.ts'
import { type ClusterSnapshot, objectsOf } from '../../model/snapshot.ts'
import type { CheckDefinition, CheckFinding } from './definition.ts'
import { noGroupChanges } from './reading/nodes.ts'
import { foundOr } from './reading/verdicts.ts'
import { count } from './reading/wording.ts'
import { type MovedWorkload, movedWorkloads } from './reading/workloads.ts'

/** What takes traffic says when it is ready for it. */
export const readinessProbe: CheckDefinition = {
  code: 'READINESS_PROBE',
  title: 'Every workload behind a Service that is to be moved says when it is ready',
  severity: 'warn',
  waivable: true,
  needs: ['kubernetes:nodes', 'kubernetes:pods', 'kubernetes:deployments', 'kubernetes:statefulsets', 'kubernetes:services'],
  notApplicable: noGroupChanges,
  prevents:
    'Requests that fail on pods which have only just started: without a readiness probe a pod counts as ready at once, the budget lets the next one go, and a gate on availability passes over an outage.',
  remedy: 'Give a container of the workload a `readinessProbe`.',
  source: 'https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/',
  evaluate: ({ snapshot, plan, intent }) => {
    const served = movedWorkloads(snapshot, intent).filter(behindService(snapshot))
    return foundOr(
      served.flatMap(judge),
      plan,
      `${count(served.length, 'workload')} behind a Service to be moved, each with a readiness probe.`,
    )
  },
}

interface Service extends KubernetesObject {
  readonly kind: 'Service'
  readonly spec?: { readonly selector?: Readonly<Record<string, string>> }
}

function behindService(snapshot: ClusterSnapshot): (moved: MovedWorkload) => boolean {
  const selectors = Map.groupBy(objectsOf<Service>(snapshot, 'Service'), ({ metadata }) => metadata.namespace)
  return ({ workload, pods }) => {
    const [pod] = pods
    const here = selectors.get(workload.metadata.namespace) ?? []
    return pod !== undefined && here.some(({ spec }) => selects(spec?.selector ?? {}, pod))
  }
}

/** A Service without a selector selects nothing. */
function selects(selector: Readonly<Record<string, string>>, { metadata }: Pod): boolean {
  const wanted = Object.entries(selector)
  return wanted.length > 0 && wanted.every(([key, value]) => metadata.labels?.[key] === value)
}

function judge({ subject, pods }: MovedWorkload): readonly CheckFinding[] {
  const containers: readonly Container[] = pods[0]?.spec?.containers ?? []
  if (containers.some(({ readinessProbe: probe }) => probe !== undefined)) return []
  const [kind, namespace, name] = subject.split('/')
  return [
    {
      verdict: 'warn',
      subject,
      message: `${kind} ${namespace}/${name} stands behind a Service and has no readiness probe: after a move its pods count as ready before they serve, and its budget lets the next one go.`,
      remedy: `\`kubectl -n ${namespace} edit ${kind?.toLowerCase()} ${name}\`: give its container a readinessProbe.`,
    },
  ]
}
