import { MINUTE, type Millis } from '../../../../model/instant.ts'
import type { Faults, Timeline } from '../../../contract.ts'
import type { Subject } from '../../../levers.ts'
import type { WorldSpec } from '../../world-spec.ts'
import type { AutoScaling } from '../auto-scaling.ts'
import type { Images } from '../images.ts'
import type { InstanceTypes } from '../instance-types.ts'
import { createInstances, type Instance, type Instances } from '../instances.ts'
import type { Vpc } from '../vpc.ts'
import { bootTime } from './boot-time.ts'
import { groupBehind, launchFault } from './launch-check.ts'
import { createSpotMarket } from './spot.ts'

/** How long an instance fails its status checks before its group replaces it; our assumption. */
const IMPAIRED_FOR: Millis = 2 * MINUTE

interface FleetDeps {
  readonly timeline: Timeline
  readonly faults: Faults
  readonly spec: WorldSpec
}

/** The instances of the account, launched within what capacity, quotas and images allow. */
export function openFleet(deps: FleetDeps, vpc: Vpc, images: Images, types: InstanceTypes): Instances {
  const { timeline, faults, spec } = deps
  const zones = [...new Set(spec.subnets.map(({ zone }) => zone))]
  const check = {
    faults,
    images,
    types,
    zones,
    now: () => timeline.now(),
    zoneOf: (id: string) => vpc.subnets.get(id)?.zone ?? '',
    running: () => instances.all().filter(({ state }) => state === 'pending' || state === 'running'),
  }
  const instances: Instances = createInstances({
    ...vpc,
    timeline,
    seed: spec.seed,
    region: spec.cluster.region,
    refused: (wanted) => launchFault(check, wanted),
    bootTime: (instance) => {
      const factors = faults.effects('instance/boot', subjectOf(spec, instance))
      const factor = factors.reduce((product, each) => product * each, 1)
      return bootTime(spec.seed, instance.id, factor, images.get(instance.imageId)?.windowsBuild !== undefined)
    },
  })
  return instances
}

/** An instance as selectors of faults see it. */
function subjectOf(spec: WorldSpec, { nodeName: node, group, zone, type: instanceType, imageId, launchedAt }: Instance): Subject {
  return { node, group: groupBehind(group), zone, instanceType, imageId, launchedLater: launchedAt >= spec.start }
}

/** Whether an instance fails its status checks now. */
export function isImpaired({ faults, spec }: FleetDeps, instance: Instance): boolean {
  return instance.state === 'running' && faults.effects('instance/impaired', subjectOf(spec, instance)).length > 0
}

/** Lets EC2 take Spot Instances back, and groups see which of their instances fail their checks, as faults begin. */
export function watchFleet(deps: FleetDeps, instances: Instances, autoScaling: AutoScaling): void {
  const { faults, timeline, spec } = deps
  const takeBack = createSpotMarket({
    timeline,
    instances,
    wanted: (instance) => faults.effects('instance/interrupted', subjectOf(spec, instance)).length > 0,
    recommended: (instance) => autoScaling.recommend(instance),
  })
  const examine = (instance: Instance) => {
    if (!isImpaired(deps, instance)) return
    const key = `instance/${instance.id}/impaired`
    timeline.cancel(key)
    timeline.after(IMPAIRED_FOR, key, () => isImpaired(deps, instance) && autoScaling.failChecks(instance))
  }
  faults.onChange((levers) => {
    if (levers.has('instance/interrupted')) takeBack()
    if (levers.has('instance/impaired')) for (const instance of instances.all()) examine(instance)
  })
  instances.on((instance, event) => {
    if (event === 'running') examine(instance)
  })
}
