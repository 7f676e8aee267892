import { type Millis, SECOND } from '../../../../model/instant.ts'
import { keyedRandom } from '../../../../model/keyed.ts'
import { type Input, recordOf } from '../answers.ts'
import { invalidParameter } from '../eks-errors.ts'
import { type NodeGroup, nodesOf, setStatus } from '../node-groups.ts'
import { describeUpdate } from '../updates.ts'
import { aboutGroup, groupOf, type NodeGroupApiDeps, refuseWhileBusy } from './context.ts'
import { changedLabels, changedTaints, checkedRepair, checkedSizes, checkedUpdateConfig, describeTaints } from './settings.ts'
import { applyPool, checkedPool } from './warm-pool.ts'

/** Our assumptions: how long it takes, and how long the answer lags after it. */
const TAKES: Millis = 10 * SECOND
const STATUS_LAG: Millis = 5 * SECOND

/** What one member of the request changes, and how the update names it. */
interface Change {
  readonly params: Readonly<Record<string, string | undefined>>
  readonly apply: () => void
}

type Reader = (deps: NodeGroupApiDeps, group: NodeGroup, wanted: Input) => Change

const READERS: Readonly<Record<string, Reader>> = {
  scalingConfig(deps, group, wanted) {
    const sizes = checkedSizes(deps, group, wanted)
    const apply = () => {
      deps.autoScaling.resize(group.scaling, sizes, 'EKS set the')
      group.sizes = sizes
    }
    return { params: named(wanted), apply }
  },
  updateConfig(deps, group, wanted) {
    const settings = checkedUpdateConfig(deps, group, wanted)
    return {
      params: named(wanted),
      apply: () => {
        group.updateConfig = settings
      },
    }
  },
  labels(deps, group, wanted) {
    const { add, remove, labels } = changedLabels(deps, group, wanted)
    const params = { LabelsToAdd: textUnlessEmpty(add), LabelsToRemove: textUnlessEmpty(remove) }
    const apply = () => {
      group.settings.labels = labels
      for (const node of nodesOf(group)) deps.nodes.relabel(node, add, remove)
    }
    return { params, apply }
  },
  taints(deps, group, wanted) {
    const { add, remove, taints } = changedTaints(deps, group, wanted)
    const params = { TaintsToAdd: textUnlessEmpty(describeTaints(add)), TaintsToRemove: textUnlessEmpty(describeTaints(remove)) }
    const apply = () => {
      group.settings.taints = taints
      for (const node of nodesOf(group)) deps.nodes.retaint(node, add, remove)
    }
    return { params, apply }
  },
  warmPoolConfig(deps, group, wanted) {
    const pool = checkedPool(deps, group, wanted, group.settings.warmPool)
    const { enabled, minSize, maxGroupPreparedCapacity, poolState, reuseOnScaleIn } = wanted
    const params = {
      WarmPoolEnabled: textOrNothing(enabled),
      WarmPoolMinSize: textOrNothing(minSize),
      WarmPoolMaxGroupPreparedCapacity: textOrNothing(maxGroupPreparedCapacity),
      WarmPoolState: textOrNothing(poolState),
      WarmPoolReuseOnScaleIn: textOrNothing(reuseOnScaleIn),
    }
    const apply = () => {
      group.settings.warmPool = pool
      applyPool(deps, group, pool)
    }
    return { params, apply }
  },
  nodeRepairConfig(deps, group, wanted) {
    const repair = checkedRepair(deps, group, wanted, group.settings.repair)
    return {
      params: { NodeRepairEnabled: String(repair.enabled), NodeRepairConfig: JSON.stringify(wanted) },
      apply: () => {
        group.settings.repair = repair
      },
    }
  },
}

/** UpdateNodegroupConfig: all members of a request in one update. */
export function updateNodegroupConfig(deps: NodeGroupApiDeps, input: Input): Record<string, unknown> {
  const { timeline, updates, seed } = deps
  const group = groupOf(deps, input)
  const { name } = group.spec
  const subject = `nodegroup/${name}`
  const begun = updates.begunBy(subject, input)
  if (begun !== undefined) return { update: describeUpdate(begun) }
  refuseWhileBusy(deps, group)
  const changes = changesOf(deps, group, input)
  const params = Object.assign({}, ...changes.map((change) => change.params)) as Change['params']
  const update = updates.open({ type: 'ConfigUpdate', subject, input, params })
  const lag = () => Math.floor(keyedRandom(seed, 'config-lag', update.id, timeline.now()) * STATUS_LAG)
  setStatus(group, 'UPDATING', timeline.now(), lag())
  timeline.after(TAKES, `node-group/${name}/config`, () => {
    for (const { apply } of changes) apply()
    setStatus(group, 'ACTIVE', timeline.now(), lag())
    group.modifiedAt = timeline.now()
    update.status = 'Successful'
  })
  deps.accepted('eks:UpdateNodegroupConfig', name)
  return { update: describeUpdate(update) }
}

function changesOf(deps: NodeGroupApiDeps, group: NodeGroup, input: Input): readonly Change[] {
  const changes = Object.entries(READERS).flatMap(([member, read]) => {
    const wanted = recordOf(input, member)
    return wanted === undefined ? [] : [read(deps, group, wanted)]
  })
  if (changes.length === 0) throw invalidParameter('The request does not change anything.', aboutGroup(deps, group))
  return changes
}

/** An update names what was asked for: `maxSize` is MaxSize (API model, UpdateParamType). */
function named(wanted: Input): Change['params'] {
  const given = Object.entries(wanted).filter(([, value]) => value !== undefined)
  return Object.fromEntries(given.map(([member, value]) => [`${member.charAt(0).toUpperCase()}${member.slice(1)}`, String(value)]))
}

function textOrNothing(value: unknown): string | undefined {
  return value === undefined ? undefined : String(value)
}

function textUnlessEmpty(value: object): string | undefined {
  return Object.keys(value).length === 0 ? undefined : JSON.stringify(value)
}
