import { SerinError } from '../../../src/errors/serin-error.ts'
import type { EksUpdate } from '../../../src/model/aws.ts'
import { type Instant, iso, MINUTE, type Millis, SECOND } from '../../../src/model/instant.ts'
import { EXCLUDE_FROM_BALANCERS_LABEL } from '../../../src/model/kubernetes.ts'
import type { CreateNodegroup, UpdateNodegroupConfig, UpdateNodegroupVersion } from '../../../src/ports/eks.ts'
import type { Groups, QuickGroup } from './groups.ts'
import { RELEASES } from './groups.ts'
import type { Machine, Machines } from './machines.ts'
import type { Timers } from './timers.ts'

/** What EKS does to managed groups of a quick cluster: in the phases of the sandbox's, and no more of them than a run can tell apart. */

const LIMIT: Millis = 15 * MINUTE
const AFTER_DRAIN: Millis = MINUTE
const LOOK: Millis = 10 * SECOND
const GIVE_UP: Millis = 25 * MINUTE
const SET_UP: Millis = 20 * SECOND

type Update = { -readonly [Member in keyof EksUpdate]: EksUpdate[Member] } & { readonly id: string; readonly of: string }

/** A version update on its way. */
interface Roll {
  readonly group: QuickGroup
  readonly update: Update
  readonly target: string
  readonly force: boolean
  readonly former: Pick<QuickGroup, 'max' | 'desired' | 'grown'>
  readonly begun: Pick<QuickGroup, 'min' | 'max' | 'desired' | 'launch' | 'grown'> & { readonly at: Instant }
  readonly old: Machine[]
  readonly drains: Map<Machine, { readonly since: Instant; emptySince?: Instant; ended?: true }>
  joinBy: Instant
}

export class Eks {
  readonly updates = new Map<string, Update>()
  readonly #timers: Timers
  readonly #machines: Machines
  readonly #groups: Groups
  readonly #tokens = new Map<string, Update>()
  #count = 0

  constructor(timers: Timers, machines: Machines, groups: Groups) {
    this.#timers = timers
    this.#machines = machines
    this.#groups = groups
  }

  /** @throws SerinError REMOTE_NOT_FOUND */
  group(name: string): QuickGroup {
    const found = this.#groups.all.get(name)
    if (found === undefined || !found.managed) throw new SerinError('REMOTE_NOT_FOUND', `No node group found for name: ${name}.`)
    return found
  }

  #free(name: string): QuickGroup {
    const group = this.group(name)
    if (group.status !== 'ACTIVE') throw new SerinError('REMOTE_CONFLICT', `Nodegroup ${name} is ${group.status}`)
    return group
  }

  #begin(group: QuickGroup, type: string, params: Update['params'], token: string): Update {
    this.#count += 1
    const update: Update = {
      ...{ id: `update-${this.#count}`, of: group.name, nodegroupName: group.name, type, status: 'InProgress', params },
      createdAt: iso(this.#timers.now),
    }
    this.updates.set(update.id, update)
    this.#tokens.set(token, update)
    group.status = 'UPDATING'
    return update
  }

  #end({ group, update }: Pick<Roll, 'group' | 'update'>, status: 'Successful' | 'Failed', errors: EksUpdate['errors'] = []): void {
    update.status = status
    update.errors = errors
    if (group.status === 'UPDATING') group.status = 'ACTIVE'
  }

  updateConfig({ nodegroup, updateConfig, scalingConfig, clientRequestToken: token }: UpdateNodegroupConfig): EksUpdate {
    const known = this.#tokens.get(token)
    if (known !== undefined) return { ...known }
    const group = this.#free(nodegroup)
    const { minSize: min, maxSize: max, desiredSize: desired } = scalingConfig ?? {}
    const named = { MaxUnavailable: updateConfig?.maxUnavailable, UpdateStrategy: updateConfig?.updateStrategy }
    const params = Object.entries({ ...named, MinSize: min, MaxSize: max, DesiredSize: desired }).flatMap(([type, value]) =>
      value === undefined ? [] : [{ type, value: `${value}` }],
    )
    const update = this.#begin(group, 'ConfigUpdate', params, token)
    if (updateConfig !== undefined) group.updateConfig = { ...updateConfig }
    const sizes = { ...(min !== undefined && { min }), ...(max !== undefined && { max }), ...(desired !== undefined && { desired }) }
    group.stated = { ...group.stated, ...sizes }
    if (scalingConfig !== undefined) this.#groups.resize(group, sizes)
    this.#timers.after(LOOK, () => this.#end({ group, update }, 'Successful'))
    return { ...update }
  }

  updateVersion({ nodegroup, version, releaseVersion, force, clientRequestToken: token }: UpdateNodegroupVersion): EksUpdate {
    const known = this.#tokens.get(token)
    if (known !== undefined) return { ...known }
    const group = this.#free(nodegroup)
    const [target] = Object.entries(RELEASES).find(([, release]) => release.releaseVersion === releaseVersion) ?? []
    if (target === undefined) throw new SerinError('REMOTE_REFUSED', `no release ${releaseVersion}`)
    const params = [
      { type: 'Version', value: version ?? '' },
      { type: 'ReleaseVersion', value: releaseVersion ?? '' },
    ]
    const update = this.#begin(group, 'VersionUpdate', params, token)
    const { min, max, desired, launch, grown } = group
    const roll: Roll = {
      ...{ group, update, target, force: force === true, former: group.sizesBeforeFailure ?? { max, desired, grown } },
      ...{ begun: { min, max, desired, launch, grown, at: this.#timers.now }, old: [], drains: new Map(), joinBy: 0 },
    }
    this.#later(SET_UP, () => this.#setUp(roll))
    return { ...update }
  }

  #retire(machine: Machine): void {
    if (machine.joinedAt === undefined) return
    machine.labels.add(EXCLUDE_FROM_BALANCERS_LABEL)
    this.#machines.cordon(machine, true)
  }

  #reinstate(machine: Machine): void {
    machine.labels.delete(EXCLUDE_FROM_BALANCERS_LABEL)
    this.#machines.cordon(machine, false)
  }

  #later(delay: Millis, act: () => void): void {
    this.#timers.after(delay, act)
  }

  #setUp(roll: Roll): void {
    const { group, target } = roll
    group.launch = target
    roll.old.push(...this.#groups.staying(group).filter(({ version }) => version !== target))
    if (roll.old.length === 0) this.#scaleDown(roll)
    else if (group.updateConfig.updateStrategy === 'MINIMAL') this.#replace(roll)
    else this.#scaleUp(roll)
  }

  #scaleUp(roll: Roll): void {
    const { group, former } = roll
    const surge = Math.max(2 * group.zones.length, width(group))
    this.#groups.resize(group, { max: Math.max(group.max, former.max + surge), desired: Math.max(group.desired, former.desired + surge) })
    roll.joinBy = this.#timers.now + LIMIT
    this.#later(LOOK, () => this.#awaitNew(roll))
  }

  #awaitNew(roll: Roll): void {
    const staying = this.#groups.staying(roll.group)
    const fresh = staying.filter((each) => !roll.old.includes(each))
    const zones = new Set(fresh.map(({ zone }) => zone))
    const stand = fresh.every((each) => this.#machines.isReady(each)) && roll.old.every(({ zone }) => zones.has(zone))
    if (staying.length >= roll.group.desired && stand) {
      for (const machine of roll.old) this.#retire(machine)
      this.#replace(roll)
    } else if (this.#timers.now >= roll.joinBy) this.#failCreation(roll)
    else this.#later(LOOK, () => this.#awaitNew(roll))
  }

  #replace(roll: Roll): void {
    const { drains } = roll
    for (const [machine, drain] of [...drains]) {
      if (!this.#machines.all.has(machine.name) && !this.#awaitsReplacement(roll)) drains.delete(machine)
      else if (drain.ended === undefined) this.#drainOn(roll, machine, drain)
    }
    const overdue = [...drains].filter(([, { since, emptySince }]) => emptySince === undefined && this.#timers.now - since >= LIMIT)
    const unreplaced = [...drains.values()].some(({ ended, since }) => ended === true && this.#timers.now - since >= 2 * LIMIT)
    if (overdue.length > 0 && !roll.force)
      this.#failEviction(
        roll,
        overdue.map(([machine]) => machine),
      )
    else if (unreplaced && this.#awaitsReplacement(roll)) this.#failCreation(roll)
    else this.#replaceMore(roll)
  }

  #replaceMore(roll: Roll): void {
    const { group, drains, old } = roll
    while (drains.size < width(group)) {
      const next = old.find((each) => !drains.has(each))
      if (next === undefined) break
      if (next.lifecycle === 'Terminating') old.splice(old.indexOf(next), 1)
      else {
        this.#retire(next)
        drains.set(next, { since: this.#timers.now })
      }
    }
    if (old.length === 0 && drains.size === 0) this.#scaleDown(roll)
    else this.#later(LOOK, () => this.#replace(roll))
  }

  #drainOn(roll: Roll, machine: Machine, drain: { readonly since: Instant; emptySince?: Instant; ended?: true }): void {
    if (roll.force && this.#timers.now - drain.since >= LIMIT) for (const { uid } of [...machine.pods]) this.#machines.deletePod(uid)
    if (this.#evictAll(machine) > 0) return
    drain.emptySince ??= this.#timers.now
    if (this.#timers.now - drain.emptySince < AFTER_DRAIN) return
    drain.ended = true
    this.#groups.end(machine)
    this.#groups.reconcileSoon(roll.group)
    roll.old.splice(roll.old.indexOf(machine), 1)
  }

  #evictAll(machine: Machine): number {
    for (const { uid } of [...machine.pods]) this.#machines.evict(uid)
    return machine.pods.size
  }

  #awaitsReplacement({ group, old }: Roll): boolean {
    if (group.updateConfig.updateStrategy !== 'MINIMAL') return false
    const staying = this.#groups.staying(group)
    return staying.length < group.desired || !staying.every((each) => old.includes(each) || this.#machines.isReady(each))
  }

  #scaleDown(roll: Roll): void {
    const { group, drains, former } = roll
    for (const [machine, drain] of [...drains]) {
      if (!this.#machines.all.has(machine.name)) drains.delete(machine)
      else if (drain.ended === undefined && (this.#evictAll(machine) === 0 || this.#timers.now - drain.since >= LIMIT)) {
        drain.ended = true
        this.#groups.end(machine)
        group.desired -= 1
        group.max = Math.max(former.max, group.max - 1)
      }
    }
    const surplus = this.#groups.staying(group).length - former.desired
    const draining = [...drains.values()].filter(({ ended }) => ended === undefined).length
    const count = Math.min(surplus - draining, width(group) - drains.size)
    for (const machine of this.#surplusOf(roll).slice(0, Math.max(0, count))) {
      this.#retire(machine)
      drains.set(machine, { since: this.#timers.now })
    }
    if (surplus <= 0 && drains.size === 0) this.#succeed(roll)
    else this.#later(LOOK, () => this.#scaleDown(roll))
  }

  /** Of the zone that has most, the oldest first. */
  #surplusOf({ group, drains }: Roll): readonly Machine[] {
    const sizes = this.#groups.zoneSizes(group)
    const open = this.#groups.staying(group).filter((each) => !drains.has(each))
    return open.sort((a, b) => (sizes.get(b.zone) ?? 0) - (sizes.get(a.zone) ?? 0) || a.launchedAt - b.launchedAt)
  }

  #succeed(roll: Roll): void {
    const { group, target, former } = roll
    group.current = target
    delete group.sizesBeforeFailure
    group.max = former.max
    // EKS takes away what an autoscaler has grown meanwhile.
    group.grown = former.grown
    this.#end(roll, 'Successful')
  }

  /** New nodes did not join: EKS ends them, uncordons what it cordoned and sizes the group back. */
  #failCreation(roll: Roll): void {
    const { group, begun } = roll
    const launched = this.#groups.staying(group).filter(({ launchedAt }) => launchedAt >= begun.at)
    const missing = launched.filter((each) => !this.#machines.isReady(each)).map(({ id }) => id)
    Object.assign(group, { min: begun.min, max: begun.max, desired: begun.desired, launch: begun.launch, grown: begun.grown })
    for (const machine of launched) this.#groups.end(machine)
    for (const machine of roll.old) this.#reinstate(machine)
    this.#groups.reconcileSoon(group)
    const failed = group.failures.some(({ at }) => at >= begun.at)
    const errorCode = failed ? 'AsgInstanceLaunchFailures' : 'NodeCreationFailure'
    this.#later(AFTER_DRAIN, () => this.#end(roll, 'Failed', [{ errorCode, errorMessage: 'nodes did not join', resourceIds: missing }]))
  }

  /** A drain took too long: everything stays as it is, and the group keeps its previous spec. */
  #failEviction(roll: Roll, nodes: readonly Machine[]): void {
    const { group, begun, former } = roll
    if (group.updateConfig.updateStrategy !== 'MINIMAL') group.sizesBeforeFailure = former
    group.launch = begun.launch
    const resourceIds = nodes.map(({ name }) => name)
    this.#end(roll, 'Failed', [
      { errorCode: 'PodEvictionFailure', errorMessage: 'Reached max retries while trying to evict pods', resourceIds },
    ])
  }

  create({ nodegroup: name, settings, scalingConfig }: CreateNodegroup, like: QuickGroup): void {
    if (this.#groups.all.has(name)) throw new SerinError('REMOTE_CONFLICT', `NodeGroup already exists with name ${name}`)
    const { minSize: min, maxSize: max, desiredSize: desired } = scalingConfig
    const group: QuickGroup = {
      ...{ name, scalingName: `eks-${name}`, managed: true, arn: `arn:nodegroup:${name}:${this.#timers.now}`, home: like.home },
      ...{ template: `lt-eks-${name}`, zones: like.zones, protectsNew: false, tags: new Map(Object.entries(settings.tags)) },
      ...{
        suspended: new Set<string>(),
        stated: { min, max, desired },
        min,
        max,
        desired,
        launch: '2',
        current: '2',
        status: 'CREATING',
        updateConfig: { maxUnavailable: 1 },
      },
      ...{ shortUntil: 0, failures: [], grown: 0 },
    }
    this.#groups.all.set(name, group)
    this.#groups.reconcileSoon(group, SET_UP)
    this.#later(SET_UP + LOOK, () => this.#awaitCreated(group, this.#timers.now + GIVE_UP))
  }

  #awaitCreated(group: QuickGroup, until: Instant): void {
    const staying = this.#groups.staying(group)
    if (group.status !== 'CREATING') return
    if (staying.length >= group.desired && staying.every((each) => this.#machines.isReady(each))) group.status = 'ACTIVE'
    else if (this.#timers.now >= until) group.status = 'CREATE_FAILED'
    else this.#later(LOOK, () => this.#awaitCreated(group, until))
  }

  /** Nodes are drained as far as budgets allow within the limit, then everything of the group goes. */
  delete(name: string): void {
    const group = this.group(name)
    if (group.status === 'UPDATING' || group.status === 'DELETING')
      throw new SerinError('REMOTE_CONFLICT', `Nodegroup ${name} cannot be deleted as it is currently in ${group.status} state`)
    group.status = 'DELETING'
    for (const machine of this.#groups.staying(group)) this.#retire(machine)
    this.#drainAll(group, this.#timers.now + LIMIT)
  }

  #drainAll(group: QuickGroup, limit: Instant): void {
    const left = this.#groups.staying(group).reduce((sum, machine) => sum + this.#evictAll(machine), 0)
    if (left > 0 && this.#timers.now < limit) this.#later(LOOK, () => this.#drainAll(group, limit))
    else this.empty(group)
  }

  /** Ends what is left of its instances, without asking any budget, and forgets it. */
  empty(group: QuickGroup): void {
    Object.assign(group, { min: 0, max: 0, desired: 0 })
    for (const machine of this.#groups.staying(group)) this.#groups.end(machine)
    this.#awaitEmpty(group)
  }

  #awaitEmpty(group: QuickGroup): void {
    if (this.#machines.of(group.name).length === 0) this.#groups.all.delete(group.name)
    else this.#later(LOOK, () => this.#awaitEmpty(group))
  }
}

function width({ updateConfig }: QuickGroup): number {
  return updateConfig.maxUnavailable ?? 1
}
