import type { KubernetesObject } from '../../model/kubernetes.ts'
import { objectsOf } from '../../model/snapshot.ts'
import type { CheckDefinition, CheckFinding } from './definition.ts'
import { noControlPlaneStep } from './reading/control-plane.ts'
import { foundOr } from './reading/verdicts.ts'
import { count } from './reading/wording.ts'

interface Budget {
  readonly nodes?: string
  readonly reasons?: readonly string[]
  readonly schedule?: string
}

interface NodePool extends KubernetesObject {
  readonly spec?: {
    readonly template?: { readonly spec?: { readonly nodeClassRef?: { readonly kind?: string; readonly name?: string } } }
    readonly disruption?: { readonly budgets?: readonly Budget[] }
  }
}

interface NodeClass extends KubernetesObject {
  readonly spec?: { readonly amiSelectorTerms?: readonly { readonly alias?: string; readonly ssmParameter?: string }[] }
}

/** Karpenter does not replace its nodes because the control plane moves. */
export const karpenterDrift: CheckDefinition = {
  code: 'KARPENTER_DRIFT',
  title: 'No Karpenter pool replaces its nodes by itself when the control plane moves',
  severity: 'block',
  waivable: true,
  needs: ['kubernetes:nodepools', 'kubernetes:ec2nodeclasses'],
  notApplicable: noControlPlaneStep,
  prevents:
    'Every node of a pool rolled at once after the control plane, outside canary and gates: an AMI alias follows the minor of the control plane, a pinned one too. And nodes at the new minor close the way back.',
  remedy:
    "Let nothing drift meanwhile: a budget of `nodes: '0'` for the reason `Drifted`, or an EC2NodeClass that selects AMIs by id, name or tag.",
  source: 'https://karpenter.sh/docs/tasks/managing-amis/',
  evaluate: ({ snapshot, plan }) => {
    const classes = new Map(
      objectsOf<NodeClass & { kind: 'EC2NodeClass' }>(snapshot, 'EC2NodeClass').map((each) => [each.metadata.name, each]),
    )
    const pools = objectsOf<NodePool & { kind: 'NodePool' }>(snapshot, 'NodePool')
    const found = pools.flatMap((pool) => judge(pool, classes))
    return foundOr(
      found,
      plan,
      pools.length === 0 ? 'There is no Karpenter pool.' : `${count(pools.length, 'Karpenter pool')}, none of which would drift.`,
    )
  },
}

function judge(pool: NodePool, classes: ReadonlyMap<string, NodeClass>): readonly CheckFinding[] {
  const { spec } = pool
  const subject = `NodePool/${pool.metadata.name}`
  if ((spec?.disruption?.budgets ?? []).some(forbidsDrift)) return []
  const reference = spec?.template?.spec?.nodeClassRef
  if (reference?.kind === 'NodeClass') return [ofAutoMode(subject)]
  const terms = classes.get(reference?.name ?? '')?.spec?.amiSelectorTerms
  if (terms === undefined) {
    const message = `Which AMIs ${pool.metadata.name} takes is not known: its EC2NodeClass ${reference?.name ?? ''} was not found.`
    return [{ verdict: 'unknown', subject, message }]
  }
  const following = terms.flatMap(({ alias, ssmParameter }) => alias ?? ssmParameter ?? [])
  return following.length === 0 ? [] : [drifting(subject, pool, following)]
}

/** They go back with the control plane, so that its way back stays open. */
function ofAutoMode(subject: string): CheckFinding {
  return {
    verdict: 'warn',
    subject,
    message: 'EKS Auto Mode replaces the nodes of this pool when the control plane has moved, at a pace of its own and outside the gates.',
    remedy: 'Nothing to do where its budgets and those of its pods fit; a rollback takes the nodes back before the control plane.',
  }
}

function drifting(subject: string, { metadata: { name }, spec }: NodePool, following: readonly string[]): CheckFinding {
  return {
    verdict: 'block',
    subject,
    message: `Nodes of ${name} drift when the control plane moves: ${spec?.template?.spec?.nodeClassRef?.name} selects its AMI by ${following.join(', ')}, which follows its minor, and no budget keeps \`Drifted\` at 0.`,
    remedy: `\`${patchFor(name, spec?.disruption?.budgets ?? [])}\`; take it back after the run, when these nodes may follow.`,
  }
}

/** A budget without reasons is one for all; with a schedule it holds only at times. https://karpenter.sh/docs/concepts/disruption/#nodepool-disruption-budgets */
function forbidsDrift({ nodes, reasons, schedule }: Budget): boolean {
  return (
    /^0%?$/.test(nodes ?? '') && schedule === undefined && (reasons === undefined || reasons.length === 0 || reasons.includes('Drifted'))
  )
}

/** The budgets that are there stay: a merge patch replaces the whole list. */
function patchFor(pool: string, budgets: readonly Budget[]): string {
  const patched = { spec: { disruption: { budgets: [...budgets, { nodes: '0', reasons: ['Drifted'] }] } } }
  return `kubectl patch nodepool ${pool} --type merge -p '${JSON.stringify(patched)}'`
}
