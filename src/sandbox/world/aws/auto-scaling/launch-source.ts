import type { TemplateReference } from '../instances.ts'

/** A launch template with the text of its version: a number, `$Latest` or `$Default`. */
export interface TemplateChoice {
  readonly id: string
  readonly version: string
}

/** What a group launches from. */
export type LaunchSource =
  | { readonly kind: 'template'; readonly template: TemplateChoice }
  | { readonly kind: 'mixed'; readonly policy: MixedPolicy }
  | { readonly kind: 'configuration'; readonly name: string }

/** A mixed-instances policy (API reference, MixedInstancesPolicy). */
export interface MixedPolicy {
  readonly template: TemplateChoice
  readonly overrides: readonly LaunchOverride[]
  readonly distribution: Distribution
}

export interface LaunchOverride {
  readonly instanceType?: string
  /** Units of capacity an instance of this type counts for. */
  readonly weight?: number
  readonly template?: TemplateChoice
  readonly imageId?: string
}

export interface Distribution {
  readonly onDemandBase: number
  /** Of what is above the base. */
  readonly onDemandPercent: number
  readonly onDemandStrategy: OnDemandStrategy
  readonly spotStrategy: SpotStrategy
  readonly spotPools?: number
  readonly spotMaxPrice?: string
}

export type OnDemandStrategy = (typeof ON_DEMAND_STRATEGIES)[number]
export type SpotStrategy = (typeof SPOT_STRATEGIES)[number]

export const ON_DEMAND_STRATEGIES = ['lowest-price', 'prioritized'] as const
export const SPOT_STRATEGIES = ['lowest-price', 'capacity-optimized', 'capacity-optimized-prioritized', 'price-capacity-optimized'] as const

/** Launches from one version of a template. */
export function pinned({ id, version }: TemplateReference): LaunchSource {
  return { kind: 'template', template: { id, version: String(version) } }
}

/** Every template version that a source names. */
export function choicesOf(source: LaunchSource): readonly TemplateChoice[] {
  if (source.kind === 'configuration') return []
  if (source.kind === 'template') return [source.template]
  return [source.policy.template, ...source.policy.overrides.flatMap(({ template }) => template ?? [])]
}
