import type { TemplateReference } from '../instances.ts'

/** A launch template with the text of its version: a number, `$Latest` or `$Default`. */
export interface TemplateChoice {
  readonly id: string
  readonly version: string
}

/** What a group launches from. */
export type LaunchSource = { readonly kind: 'template'; readonly template: TemplateChoice }

/** Launches from one version of a template. */
export function pinned({ id, version }: TemplateReference): LaunchSource {
  return { kind: 'template', template: { id, version: String(version) } }
}
