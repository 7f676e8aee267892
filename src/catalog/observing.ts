import type { Pod } from '../model/kubernetes.ts'
import { type PoolKind, poolNamed } from '../model/pools.ts'
import { type ClusterSnapshot, objectsOf } from '../model/snapshot.ts'
import { budgetsOf, budgetsPatch, forbidsDrift, imageOfPool, nodePools } from './checks/reading/karpenter.ts'
import { names } from './checks/reading/wording.ts'

/** What nodes that nobody moves do by themselves when the control plane or their image moves, and what a person has to do. */
export interface Outlook {
  readonly happens: string
  readonly person: string
}

interface Question {
  readonly pool: string
  readonly minor: string
  /** Names of its nodes that are behind. */
  readonly behind: readonly string[]
  readonly snapshot: ClusterSnapshot
}

const OUTLOOKS: { readonly [K in PoolKind]: (question: Question) => Outlook } = {
  karpenter: ofKarpenter,
  'auto-mode': ofAutoMode,
  fargate: ofFargate,
  hybrid: ofHybrid,
}

/** @param name as plans name pools: `karpenter:default` */
export function outlookFor(name: string, question: Omit<Question, 'pool'>): Outlook {
  const named = poolNamed(name)
  if (named === undefined) throw new Error(`${name} is no pool: only pools are observed`)
  return OUTLOOKS[named.kind]({ ...question, pool: named.pool })
}

/** https://karpenter.sh/docs/tasks/managing-amis/, https://karpenter.sh/docs/concepts/disruption/ */
function ofKarpenter({ pool, minor, snapshot }: Question): Outlook {
  const own = nodePools(snapshot).find(({ metadata }) => metadata.name === pool)
  if (own === undefined)
    return {
      happens: `whether its nodes follow is not known: NodePool ${pool} was not read`,
      person: `kubectl get nodepool ${pool} -o yaml`,
    }
  const image = imageOfPool(own, snapshot)
  const { expireAfter } = own.spec?.template?.spec ?? {}
  const expires =
    expireAfter === undefined || expireAfter === 'Never' ? '' : `; each node ends ${expireAfter} after it came, whatever the budgets say`
  if (image.by === 'unknown')
    return {
      happens: `whether its nodes follow is not known: EC2NodeClass ${image.nodeClass} was not found${expires}`,
      person: `kubectl get ec2nodeclass ${image.nodeClass} -o yaml`,
    }
  if (image.by === 'selection' && image.follows.length === 0)
    return {
      happens: `nothing: EC2NodeClass ${image.nodeClass} selects its AMI by id, name or tag${expires}`,
      person: `name an AMI of ${minor}: kubectl edit ec2nodeclass ${image.nodeClass}`,
    }
  const budgets = budgetsOf(own)
  const follows =
    image.by === 'selection' ? `${names(image.follows)} follows the control plane's minor, a pinned release too` : 'EKS moves its image'
  if (budgets.some(forbidsDrift)) {
    const others = budgets.filter((budget) => !forbidsDrift(budget))
    return {
      happens: `nothing yet: ${follows}, but a budget keeps \`Drifted\` at 0${expires}`,
      person: `let them drift: ${budgetsPatch(pool, others.length > 0 ? others : [{ nodes: '10%' }])}`,
    }
  }
  return {
    happens: `Karpenter replaces its nodes as drifted, at the pace of their budgets: ${follows}${expires}`,
    person: 'look at what holds it if it stops: kubectl get nodeclaims; `karpenter.sh/do-not-disrupt` and PodDisruptionBudgets do',
  }
}

/** https://docs.aws.amazon.com/eks/latest/userguide/auto-upgrade.html, https://docs.aws.amazon.com/eks/latest/userguide/automode.html (a node lives 21 days at most) */
function ofAutoMode({ pool, snapshot }: Question): Outlook {
  const budgets = budgetsOf(
    nodePools(snapshot).find(({ metadata }) => metadata.name === pool) ?? { kind: 'NodePool', apiVersion: '', metadata: { name: pool } },
  )
  const held = budgets.some(forbidsDrift) ? ', but a budget keeps `Drifted` at 0 until then' : ', at the pace of its budgets'
  return {
    happens: `EKS replaces its nodes by itself after the control plane has moved${held}; none lives for longer than 21 days`,
    person: 'look at what holds it if it stops: budgets of the NodePool, `karpenter.sh/do-not-disrupt`, PodDisruptionBudgets',
  }
}

/** https://docs.aws.amazon.com/eks/latest/userguide/fargate-pod-patching.html, https://docs.aws.amazon.com/eks/latest/userguide/update-cluster.html */
function ofFargate({ behind, snapshot }: Question): Outlook {
  const on = new Set(behind)
  const owners = objectsOf<Pod>(snapshot, 'Pod').flatMap(({ metadata: { namespace = '', name, ownerReferences = [] }, spec }) => {
    if (!on.has(spec?.nodeName ?? '')) return []
    const [owner] = ownerReferences
    if (owner === undefined) return [`kubectl delete pod -n ${namespace} ${name}`]
    const kind = owner.kind === 'ReplicaSet' ? 'deployment' : owner.kind.toLowerCase()
    return [
      `kubectl rollout restart -n ${namespace} ${kind}/${owner.kind === 'ReplicaSet' ? owner.name.replace(/-[0-9a-z]+$/, '') : owner.name}`,
    ]
  })
  return {
    happens: "nothing to pods that run: each has a node of its own, and only a new pod gets the kubelet of the control plane's minor",
    person: `make their pods anew: ${names([...new Set(owners)]) || 'kubectl rollout restart of what runs on Fargate'}`,
  }
}

/** https://docs.aws.amazon.com/eks/latest/userguide/hybrid-nodes-upgrade.html */
function ofHybrid({ minor, behind }: Question): Outlook {
  return {
    happens: 'nothing: these machines are your own',
    person: `on each of ${names(behind)}, drained: nodeadm upgrade ${minor} -c file://nodeConfig.yaml`,
  }
}
