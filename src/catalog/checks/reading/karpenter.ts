import type { KubernetesObject } from '../../../model/kubernetes.ts'
import { type ClusterSnapshot, objectsOf } from '../../../model/snapshot.ts'

export interface DisruptionBudget {
  readonly nodes?: string
  readonly reasons?: readonly string[]
  readonly schedule?: string
}

export interface NodePool extends KubernetesObject {
  readonly kind: 'NodePool'
  readonly spec?: {
    readonly template?: {
      readonly spec?: { readonly expireAfter?: string; readonly nodeClassRef?: { readonly kind?: string; readonly name?: string } }
    }
    readonly disruption?: { readonly budgets?: readonly DisruptionBudget[] }
  }
}

interface NodeClass extends KubernetesObject {
  readonly kind: 'EC2NodeClass'
  readonly spec?: { readonly amiSelectorTerms?: readonly { readonly alias?: string; readonly ssmParameter?: string }[] }
}

/** Whose image the nodes of a pool take, and whether it follows the minor of the control plane. */
export type PoolImage =
  | { readonly by: 'auto-mode' }
  | { readonly by: 'selection'; readonly nodeClass: string; readonly follows: readonly string[] }
  | { readonly by: 'unknown'; readonly nodeClass: string }

export function nodePools(snapshot: ClusterSnapshot): readonly NodePool[] {
  return objectsOf<NodePool>(snapshot, 'NodePool')
}

/** EKS Auto Mode has pools of its own class, whose nodes follow the control plane by themselves. https://karpenter.sh/docs/tasks/managing-amis/ */
export function imageOfPool({ spec }: NodePool, snapshot: ClusterSnapshot): PoolImage {
  const { kind, name: nodeClass = '' } = spec?.template?.spec?.nodeClassRef ?? {}
  if (kind === 'NodeClass') return { by: 'auto-mode' }
  const own = objectsOf<NodeClass>(snapshot, 'EC2NodeClass').find(({ metadata }) => metadata.name === nodeClass)
  if (own === undefined) return { by: 'unknown', nodeClass }
  const follows = (own.spec?.amiSelectorTerms ?? []).flatMap(({ alias, ssmParameter }) => alias ?? ssmParameter ?? [])
  return { by: 'selection', nodeClass, follows }
}

export function budgetsOf({ spec }: NodePool): readonly DisruptionBudget[] {
  return spec?.disruption?.budgets ?? []
}

/** A budget without reasons is one for all; with a schedule it holds only at times. https://karpenter.sh/docs/concepts/disruption/#nodepool-disruption-budgets */
export function forbidsDrift({ nodes, reasons, schedule }: DisruptionBudget): boolean {
  return (
    /^0%?$/.test(nodes ?? '') && schedule === undefined && (reasons === undefined || reasons.length === 0 || reasons.includes('Drifted'))
  )
}

/** A merge patch replaces the whole list of budgets. */
export function budgetsPatch(pool: string, budgets: readonly DisruptionBudget[]): string {
  return `kubectl patch nodepool ${pool} --type merge -p '${JSON.stringify({ spec: { disruption: { budgets } } })}'`
}
