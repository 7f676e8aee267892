import { keyedRandom } from '../../../../model/keyed.ts'
import type { LaunchFault, TemplateReference } from '../instances.ts'
import { activeMembers, type ScalingGroup } from './group.ts'
import type { LaunchOverride, LaunchSource, MixedPolicy, TemplateChoice } from './launch-source.ts'
import type { Scaling } from './scaling.ts'

/** One way to launch an instance of a group. */
export interface LaunchPlan {
  readonly type: string
  readonly market: 'on-demand' | 'spot'
  readonly weight: number
  readonly imageId: string
  readonly template?: TemplateReference
  /** The launch configuration, where one makes it. */
  readonly configuration?: string
}

export type LaunchPlans = { readonly ok: true; readonly plans: readonly LaunchPlan[] } | { readonly ok: false; readonly fault: LaunchFault }

/** Ways to launch the next instance of a group, the preferred one first; or why there is none. */
export function plansOf(scaling: Scaling, group: ScalingGroup, source: LaunchSource): LaunchPlans {
  if (source.kind === 'configuration') return configurationPlans(scaling, source.name)
  if (source.kind === 'mixed') return mixedPlans(scaling, group, source.policy)
  const market = group.capacityType === 'SPOT' ? 'spot' : 'on-demand'
  const made = versionOf(scaling, source.template)
  if (!made.ok) return made
  const types = made.instanceType === undefined ? typesOf(scaling, group) : [made.instanceType]
  const { imageId, template } = made
  return { ok: true, plans: types.map((type) => ({ type, market, weight: 1, imageId, template })) }
}

function configurationPlans({ configurations }: Scaling, name: string): LaunchPlans {
  const found = configurations.get(name)
  if (found === undefined)
    return refused('ValidationError', `Launch configuration name not found - Launch configuration ${name} not found.`)
  return { ok: true, plans: [{ type: found.instanceType, market: 'on-demand', weight: 1, imageId: found.imageId, configuration: name }] }
}

type Version = { readonly ok: true; readonly instanceType?: string; readonly imageId: string; readonly template: TemplateReference }

function versionOf(scaling: Scaling, choice: TemplateChoice): Version | Extract<LaunchPlans, { ok: false }> {
  const template = scaling.templates.get(choice.id)
  if (template === undefined) {
    const message = `The specified launch template, with template ID ${choice.id}, does not exist.`
    return refused('InvalidLaunchTemplateId.NotFound', message)
  }
  const version = scaling.templates.version(template, choice.version)
  if (version === undefined) {
    const message = `Could not find the specified version ${choice.version} for the launch template with ID ${choice.id}.`
    return refused('InvalidLaunchTemplateId.VersionNotFound', message)
  }
  const imageId = scaling.imageOf(version.imageId ?? '')
  if (imageId === undefined) return refused('InvalidParameterValue', `The parameter of ${version.imageId} does not exist.`)
  const { instanceType, number } = version
  return { ok: true, ...(instanceType ? { instanceType } : {}), imageId, template: { id: template.id, version: number } }
}

function refused(code: string, message: string): Extract<LaunchPlans, { ok: false }> {
  return { ok: false, fault: { code, message } }
}

/** A draw among the group's types, then the others. */
function typesOf(scaling: Scaling, group: ScalingGroup): readonly string[] {
  const draw = keyedRandom(scaling.seed, 'type', group.name, group.activities.length, group.members.size)
  const first = Math.floor(draw * group.instanceTypes.length)
  return [...group.instanceTypes.slice(first), ...group.instanceTypes.slice(0, first)]
}

function mixedPlans(scaling: Scaling, group: ScalingGroup, policy: MixedPolicy): LaunchPlans {
  const market = nextMarket(group, policy)
  const overrides = policy.overrides.length > 0 ? policy.overrides : [{}]
  const plans: LaunchPlan[] = []
  for (const override of overrides) {
    const made = versionOf(scaling, override.template ?? policy.template)
    if (!made.ok) return made
    const type = override.instanceType ?? made.instanceType
    if (type === undefined) return refused('MissingParameter', 'The request must contain the parameter InstanceType')
    const { template } = made
    plans.push({ type, market, weight: override.weight ?? 1, imageId: override.imageId ?? made.imageId, template })
  }
  return { ok: true, plans: ordered(scaling, group, policy, plans) }
}

/** On demand until the base is there, then by the percentage of what is above it (API reference, InstancesDistribution). */
function nextMarket(group: ScalingGroup, { distribution }: MixedPolicy): LaunchPlan['market'] {
  const { onDemandBase, onDemandPercent } = distribution
  const units = { 'on-demand': 0, spot: 0 }
  for (const { instance, weight } of activeMembers(group)) units[instance.market] += weight
  if (units['on-demand'] < onDemandBase) return 'on-demand'
  const above = units['on-demand'] - onDemandBase
  return above < ((above + units.spot + 1) * onDemandPercent) / 100 ? 'on-demand' : 'spot'
}

/**
 * The order of allocation strategies. Prices are not simulated: few vCPUs per unit of weight stand in for a low price, and a draw for
 * the pool with the most capacity.
 */
function ordered(scaling: Scaling, group: ScalingGroup, policy: MixedPolicy, plans: readonly LaunchPlan[]): readonly LaunchPlan[] {
  const { onDemandStrategy, spotStrategy } = policy.distribution
  const strategy = plans[0]?.market === 'spot' ? spotStrategy : onDemandStrategy
  if (strategy === 'prioritized' || strategy === 'capacity-optimized-prioritized') return plans
  const price = ({ type, weight }: LaunchPlan) => (scaling.types.find(type)?.vcpus ?? 0) / weight
  const depth = ({ type }: LaunchPlan) => keyedRandom(scaling.seed, 'pool', group.name, type)
  const rank = strategy === 'lowest-price' ? price : depth
  return [...plans].sort((a, b) => rank(a) - rank(b))
}

/** Units of capacity that an instance of a type counts for in a group. */
export function weightOf({ launch }: ScalingGroup, type: string): number {
  if (launch.kind !== 'mixed') return 1
  return launch.policy.overrides.find(({ instanceType }: LaunchOverride) => instanceType === type)?.weight ?? 1
}
