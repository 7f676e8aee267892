import { WireError } from '../../../../contract.ts'
import { type Input, numberOf, recordOf, recordsOf, refuseOthers, textOf } from '../../answers.ts'
import type { LaunchConfiguration } from '../../launch-configurations.ts'
import type { LaunchTemplates } from '../../launch-templates.ts'
import {
  type Distribution,
  type LaunchOverride,
  type LaunchSource,
  type MixedPolicy,
  ON_DEMAND_STRATEGIES,
  SPOT_STRATEGIES,
  type TemplateChoice,
} from '../launch-source.ts'
import { oneOf, refusal } from './refusals.ts'

/** What a group launches from, in SDK shape. */
export function describeSource(templates: LaunchTemplates, source: LaunchSource): Record<string, unknown> {
  if (source.kind === 'configuration') return { LaunchConfigurationName: source.name }
  if (source.kind === 'template') return { LaunchTemplate: describeTemplate(templates, source.template) }
  const { template, overrides, distribution } = source.policy
  return {
    MixedInstancesPolicy: {
      LaunchTemplate: {
        LaunchTemplateSpecification: describeTemplate(templates, template),
        Overrides: overrides.map((override) => ({
          InstanceType: override.instanceType,
          WeightedCapacity: override.weight === undefined ? undefined : String(override.weight),
          LaunchTemplateSpecification: override.template && describeTemplate(templates, override.template),
          ImageId: override.imageId,
        })),
      },
      InstancesDistribution: {
        OnDemandAllocationStrategy: distribution.onDemandStrategy,
        OnDemandBaseCapacity: distribution.onDemandBase,
        OnDemandPercentageAboveBaseCapacity: distribution.onDemandPercent,
        SpotAllocationStrategy: distribution.spotStrategy,
        SpotInstancePools: distribution.spotPools,
        SpotMaxPrice: distribution.spotMaxPrice,
      },
    },
  }
}

/** A template and a version of it, in SDK shape. */
export function describeTemplate(
  templates: LaunchTemplates,
  { id, version }: { readonly id: string; readonly version: string | number },
): Record<string, unknown> {
  return { LaunchTemplateId: id, LaunchTemplateName: templates.get(id)?.name, Version: String(version) }
}

interface Known {
  readonly templates: LaunchTemplates
  readonly configurations: ReadonlyMap<string, LaunchConfiguration>
}

/**
 * What an input wants a group to launch from, or undefined when it says nothing of it.
 * @throws WireError ValidationError for more than one source and for templates, versions or configurations that do not exist.
 */
export function wantedSource(known: Known, input: Input): LaunchSource | undefined {
  const template = recordOf(input, 'LaunchTemplate')
  const mixed = recordOf(input, 'MixedInstancesPolicy')
  const name = textOf(input, 'LaunchConfigurationName')
  const given = [template, mixed, name].filter((each) => each !== undefined)
  if (given.length > 1) {
    const one = 'Valid requests must contain either launchTemplate, LaunchConfigurationName, InstanceId or MixedInstancesPolicy parameter.'
    throw refusal(one)
  }
  if (template !== undefined) return { kind: 'template', template: wantedTemplate(known.templates, template) }
  if (mixed !== undefined) return { kind: 'mixed', policy: wantedPolicy(known.templates, mixed) }
  if (name === undefined) return undefined
  if (known.configurations.has(name)) return { kind: 'configuration', name }
  throw refusal(`Launch configuration name not found - Launch configuration ${name} not found`)
}

/** A template named without a version means its default version (API reference, LaunchTemplateSpecification). */
function wantedTemplate(templates: LaunchTemplates, input: Input): TemplateChoice {
  const id = textOf(input, 'LaunchTemplateId')
  const name = textOf(input, 'LaunchTemplateName')
  if ((id === undefined) === (name === undefined)) {
    throw refusal('Valid requests must contain either LaunchTemplateId or LaunchTemplateName')
  }
  const template = found(() => templates.find({ ...(id ? { id } : {}), ...(name ? { name } : {}) }))
  const version = textOf(input, 'Version') ?? '$Default'
  if (templates.version(template, version) === undefined) {
    throw refusal(`Could not find the specified version ${version} for the launch template with ID ${template.id}.`)
  }
  return { id: template.id, version }
}

/** EC2's refusal in Auto Scaling's words. */
function found<T>(find: () => T): T {
  try {
    return find()
  } catch (error) {
    throw error instanceof WireError ? refusal(error.message) : error
  }
}

const OVERRIDE_MEMBERS = new Set(['InstanceType', 'WeightedCapacity', 'LaunchTemplateSpecification', 'ImageId'])

function wantedPolicy(templates: LaunchTemplates, input: Input): MixedPolicy {
  const template = recordOf(input, 'LaunchTemplate')
  const specification = template && recordOf(template, 'LaunchTemplateSpecification')
  if (template === undefined || specification === undefined) throw refusal('A MixedInstancesPolicy must have a launch template.')
  const overrides = recordsOf(template, 'Overrides').map((override) => wantedOverride(templates, override))
  const weighted = overrides.filter(({ weight }) => weight !== undefined)
  if (weighted.length > 0 && weighted.length < overrides.length) {
    throw refusal('Either all or none of the overrides must specify a weighted capacity.')
  }
  return {
    template: wantedTemplate(templates, specification),
    overrides,
    distribution: wantedDistribution(recordOf(input, 'InstancesDistribution') ?? {}),
  }
}

function wantedOverride(templates: LaunchTemplates, input: Input): LaunchOverride {
  refuseOthers(input, OVERRIDE_MEMBERS)
  const instanceType = textOf(input, 'InstanceType')
  const weight = textOf(input, 'WeightedCapacity')
  const imageId = textOf(input, 'ImageId')
  const specification = recordOf(input, 'LaunchTemplateSpecification')
  if (weight !== undefined && !/^\d{1,3}$/.test(weight)) throw refusal(`Invalid weighted capacity: ${weight}`)
  return {
    ...(instanceType === undefined ? {} : { instanceType }),
    ...(weight === undefined ? {} : { weight: Number(weight) }),
    ...(specification === undefined ? {} : { template: wantedTemplate(templates, specification) }),
    ...(imageId === undefined ? {} : { imageId }),
  }
}

/** Defaults of the API reference, InstancesDistribution. */
function wantedDistribution(input: Input): Distribution {
  const spotPools = numberOf(input, 'SpotInstancePools')
  const spotMaxPrice = textOf(input, 'SpotMaxPrice')
  return {
    onDemandBase: numberOf(input, 'OnDemandBaseCapacity') ?? 0,
    onDemandPercent: numberOf(input, 'OnDemandPercentageAboveBaseCapacity') ?? 100,
    onDemandStrategy: oneOf(input, 'OnDemandAllocationStrategy', ON_DEMAND_STRATEGIES) ?? 'prioritized',
    spotStrategy: oneOf(input, 'SpotAllocationStrategy', SPOT_STRATEGIES) ?? 'lowest-price',
    ...(spotPools === undefined ? {} : { spotPools }),
    ...(spotMaxPrice === undefined ? {} : { spotMaxPrice }),
  }
}
