import { GATES } from '../../catalog/gates/registry.ts'
import { MINUTE } from '../../model/instant.ts'
import type { Batch, Itinerary } from '../../model/itinerary.ts'
import type { GateSpec, RemediationPolicy, UpgradePlan } from '../../model/plan.ts'
import type { ClusterSnapshot } from '../../model/snapshot.ts'
import { compile } from '../compile.ts'
import type { Cure, Rotation } from './choose.ts'

const GONE = { exists: 'yes', how: 'nothing to take back: the group launches what it launched before' } as const

/** What a single node can show: whether pods come to it, or a workload is back, says nothing about one node among many. */
function ofOneNode(gates: readonly GateSpec[]): readonly GateSpec[] {
  return gates.filter(({ kind }) => GATES.find((gate) => gate.kind === kind)?.provesNode === true)
}

/** The batches of a cure: leftovers, then nodes one after the other, each behind gates, then the stuck pods. */
export function cureBatches(
  cure: Cure,
  policy: RemediationPolicy,
  gates: readonly GateSpec[],
  prefix = 'cure',
  phase: Batch['phase'] = 'wave',
): readonly Batch[] {
  // Beside the batch that they cure they are told apart from those of the plan.
  const own = prefix === 'cure' ? '' : 'cure, '
  const batch = (id: string, title: string, steps: Batch['steps'], judged: readonly GateSpec[]): Batch => ({
    id,
    phase,
    title: `${own}${title}`,
    steps,
    gates: judged,
    soak: 0,
    approval: false,
  })
  const base = (id: string, title: string, nodes: number, pods: number) => ({
    id,
    title,
    timeout: policy.within,
    wayBack: GONE,
    forecast: { expected: 6 * MINUTE, back: 0, exposed: { nodes, pods, minutes: policy.within / MINUTE } },
  })
  const { groups, nodes } = cure.leftovers
  const tidy =
    nodes.length === 0
      ? []
      : [
          batch(
            `${prefix}/leftovers`,
            'leftovers',
            [
              {
                ...base(`${prefix}/leftovers/step`, `leftovers on ${nodes.join(', ')} removed`, nodes.length, 0),
                kind: 'tidy',
                groups,
                nodes,
              },
            ],
            [],
          ),
        ]
  const rotations = cure.rotations.map((rotation, index) => {
    const id = `${prefix}/node/${index + 1}`
    return batch(
      id,
      `node ${index + 1}/${cure.rotations.length}`,
      [rotationStep(rotation, base(`${id}/step`, `a new node for ${rotation.node} (${rotation.group})`, 1, 0))],
      ofOneNode(gates),
    )
  })
  const pods =
    cure.pods.length === 0
      ? []
      : [
          batch(
            `${prefix}/pods`,
            'stuck pods',
            [
              {
                ...base(`${prefix}/pods/step`, `${cure.pods.length} stuck pods made anew`, 0, cure.pods.length),
                kind: 'recreate-pods',
                pods: cure.pods,
                atOnce: policy.podsAtOnce,
              },
            ],
            [],
          ),
        ]
  return [...tidy, ...rotations, ...pods]
}

type Base = Omit<
  Extract<Batch['steps'][number], { kind: 'rotate-node' }>,
  'kind' | 'group' | 'autoScalingGroup' | 'node' | 'instanceId' | 'nodes'
>

function rotationStep({ node, instanceId, group, autoScalingGroup, nodes }: Rotation, base: Base): Batch['steps'][number] {
  return { ...base, kind: 'rotate-node', group, autoScalingGroup, node, instanceId, nodes }
}

/** A run that does nothing but cure: journalled, locked, resumed and reported like every other. It stops at the first thing that fails. */
export function cureItinerary(
  plan: UpgradePlan,
  cure: Cure,
  policy: RemediationPolicy,
  gates: readonly GateSpec[],
  snapshot: ClusterSnapshot,
): Itinerary {
  const minor = snapshot.aws.cluster?.version ?? ''
  const made = compile(plan, { clusterMinor: minor, addons: [], groups: [], excluded: [], problems: [] }, snapshot)
  const left = new Set(cure.leftovers.nodes)
  const { cordoned, excludedFromBalancers, keptFromAutoscaler = [] } = made.baseline
  return {
    ...made,
    plan: `remediation of ${plan.metadata.name}`,
    batches: cureBatches(cure, policy, gates),
    // What was left behind is not how it was meant to be.
    baseline: {
      ...made.baseline,
      cordoned: cordoned.filter((name) => !left.has(name)),
      excludedFromBalancers: excludedFromBalancers.filter((name) => !left.has(name)),
      keptFromAutoscaler: keptFromAutoscaler.filter((name) => !left.has(name)),
    },
    rollback: { addon: 'hold', canary: 'hold', waves: 'hold', grace: 0 },
    untouched: [],
  }
}
