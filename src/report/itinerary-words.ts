import { describeSpec } from '../catalog/steps/group-spec.ts'
import { describeSettings } from '../catalog/steps/nodegroup-settings.ts'
import { definitionOf } from '../catalog/steps/registry.ts'
import { formatDuration, iso } from '../model/instant.ts'
import type { WayBack } from '../model/intent.ts'
import { type AddonStep, type Batch, type Itinerary, replacesNodes, type Step } from '../model/itinerary.ts'
import type { NodeOrder } from '../model/node-order.ts'
import { count, listed } from './layout.ts'
import type { Origin } from './origin.ts'

/** The words of an itinerary, shared by its renderers. */

export function originOf(itinerary: Itinerary): Origin {
  return {
    plan: itinerary.plan,
    cluster: itinerary.cluster.name,
    region: itinerary.cluster.region,
    capturedAt: itinerary.madeFrom.capturedAt,
    sandbox: itinerary.madeFrom.sandbox as Origin['sandbox'],
  }
}

/** `2 add-on updates, 5 node groups, 20 nodes, about 3h10m`; how large the run is, in one line. */
export function sizeOf(itinerary: Itinerary): string {
  const steps = itinerary.batches.flatMap((batch) => batch.steps)
  const groups = steps.filter(replacesNodes)
  const addons = steps.filter((step): step is AddonStep => step.kind === 'addon-update')
  const nodes = groups.reduce((sum, step) => sum + step.nodes, 0)
  const parts = [
    addons.length > 0 && count(addons.length, 'add-on update'),
    ...steps.flatMap((step) => (step.kind === 'control-plane-update' ? [`the control plane to ${step.after}`] : [])),
    groups.length > 0 && `${count(new Set(groups.map(({ group }) => group)).size, 'node group')} with ${count(nodes, 'node')}`,
    `about ${formatDuration(itinerary.forecast.expected)}`,
  ]
  return steps.length === 0 ? 'nothing to do' : parts.filter(Boolean).join(', ')
}

/** What the step moves and from where to where. */
export function changeOf(step: Step): { readonly what: string; readonly before: string; readonly after: string } | undefined {
  switch (step.kind) {
    case 'addon-update':
      return { what: `add-on ${step.addon}`, before: step.before.version, after: step.after.version }
    case 'control-plane-update':
      return { what: 'control plane', before: step.before, after: step.after }
    case 'nodegroup-update':
    case 'replace-nodes':
      return { what: `node group ${step.group}`, before: describeSpec(step.before), after: describeSpec(step.after) }
    case 'move-workloads':
      return {
        what: `node group ${step.from} → ${step.group}`,
        before: describeSpec(step.before),
        after: `${describeSpec(step.after)}${step.upTo === undefined ? '' : `, ${count(step.upTo, 'node')} first`}`,
      }
    case 'observe-nodes':
      return {
        what: `watched only: ${step.group}`,
        before: `${count(step.behind.length, 'node')} of ${step.there.length} at another minor`,
        after: step.minor,
      }
    case 'nodegroup-settings':
      return { what: `settings of ${step.group}`, before: describeSettings(step.before), after: describeSettings(step.after) }
    case 'nodegroup-size':
      return { what: `size of ${step.group}`, before: count(step.before.desired, 'node'), after: count(step.after.desired, 'node') }
    default:
      return undefined
  }
}

/** `3 nodes, 41 pods, for up to 12 minutes`, or undefined when nothing is. */
export function exposedOf(step: Step): string | undefined {
  const { nodes, pods, minutes } = step.forecast.exposed
  if (nodes === 0 && pods === 0) return undefined
  return `${count(nodes, 'node')}, ${count(pods, 'pod')}, for up to ${count(minutes, 'minute')} before Serin can stop it`
}

const EXISTS: Record<WayBack['exists'], string> = {
  yes: 'can be taken back',
  disputed: 'way back disputed (AWS documents disagree)',
  none: 'POINT OF NO RETURN',
}

/** What going back means for a step, how long it takes and until when it is possible. */
export function undoOf(step: Step): string {
  const { exists, how, acceptToken } = step.wayBack
  if (exists === 'none') return `${EXISTS.none}: ${how}${acceptToken ? ` (taken on purpose with accept: [${acceptToken}])` : ''}`
  const until = untilWhen(step)
  return `${EXISTS[exists]}: ${how}; takes about ${formatDuration(step.forecast.back)}${until ? `; ${until}` : ''}`
}

function untilWhen(step: Step): string | undefined {
  if (step.kind === 'addon-update') return `possible while EKS lists ${step.before.version}`
  if (step.kind === 'control-plane-update')
    return `possible for 7 days from its beginning, and only once no node and no add-on needs ${step.after} any more`
  if (!replacesNodes(step) || step.kind === 'move-workloads') return undefined
  if (step.before.launch?.kind === 'configuration') return `possible while launch configuration ${step.before.launch.name} exists`
  const template = step.before.launchTemplate
  if (template) return `possible while version ${template.version} of the launch template exists`
  return step.before.releaseVersion ? `possible while AMI release ${step.before.releaseVersion} is offered` : undefined
}

/** `gates aws-node, ipam; then 15m of soak; a yes first`. */
export function guardsOf(batch: Batch): string {
  const approval = batch.approval ? `a yes${batch.approval.role ? ` of ${batch.approval.role}` : ''} before it starts` : ''
  const gates = batch.gates.length > 0 ? batch.gates.map((gate) => gate.kind).join(', ') : 'none'
  const soak = batch.soak > 0 ? `soak ${formatDuration(batch.soak)}` : ''
  return [gates, soak, approval].filter(Boolean).join('; ')
}

/** What else a person must know before saying yes; one line each. */
export function remarksOf(itinerary: Itinerary): readonly string[] {
  const { window, rollback } = itinerary
  const moved = itinerary.batches.some(({ phase }) => phase === 'control-plane')
  const controlPlane = moved ? `control plane ${rollback.controlPlane ?? 'hold'}, ` : ''
  return [
    ...itinerary.untouched.map((group) => `Stays as it is: ${group.name} (${group.reason}).`),
    ...itinerary.waivers.map((w) => `Waived: ${w.code} on ${w.subject} by ${w.owner} until ${w.expires} (${w.reason}).`),
    ...orderLines(itinerary),
    ...(window?.open.length ? [`Window: ${window.open.join(', ')} ${window.timeZone}; at its close: ${window.atClose}.`] : []),
    ...(window?.freezes ?? []).map((freeze) => `Freeze: ${iso(freeze.from)} to ${iso(freeze.to)} (${freeze.reason}).`),
    `When a gate fails: add-on ${rollback.addon}, ${controlPlane}canary ${rollback.canary}, waves ${rollback.waves}, ${formatDuration(rollback.grace)} of grace.`,
  ]
}

/** What the plan says of the order of groups, in the names of those that the run takes. */
function orderLines({ source }: Itinerary): readonly string[] {
  return (source.intent.groups ?? []).flatMap(({ name, after, neverWith, pace }) => [
    ...(after ? [`${name} begins after ${listed(after, 10)}.`] : []),
    ...(neverWith ? [`${name} is never in flight together with ${listed(neverWith, 10)}.`] : []),
    ...(pace?.zoneByZone ? [`${name} goes zone by zone.`] : []),
    ...(pace?.order ?? []).flatMap((rule) => nodeOrderLines(name, rule)),
  ])
}

function nodeOrderLines(group: string, { match, after, neverWith }: NodeOrder): readonly string[] {
  const nodes = `${group}: nodes with ${match}`
  const others = neverWith?.filter((each) => each !== match) ?? []
  return [
    ...(after ? [`${nodes} begin after those with ${listed(after, 10)}.`] : []),
    ...(neverWith?.includes(match) ? [`${nodes} are drained one at a time.`] : []),
    ...(others.length > 0 ? [`${nodes} are never drained together with those with ${listed(others, 10)}.`] : []),
  ]
}

export function noReturnSentence(itinerary: Itinerary): string {
  const points = itinerary.pointsOfNoReturn
  return points.length === 0 ? 'Points of no return: none.' : `Points of no return: ${listed(points, 20)}.`
}

/** The API call a step makes. */
export function callOf(step: Step): string {
  return definitionOf(step).call(step as never)
}
