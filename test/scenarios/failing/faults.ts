import { replacesNodes, type Step } from '../../../src/model/itinerary.ts'

/** What befalls one step: its call, or the nodes that it brings. */
export interface StepFault {
  readonly title: string
  /** Nothing where it cannot meet a step of this kind. */
  readonly faults: (step: Step) => string | undefined
}

/** The first call of each kind of step that changes something: what a fault of requests is aimed at. */
const FIRST_CALL: { readonly [K in Step['kind']]?: readonly [service: string, operation: string] } = {
  'addon-update': ['eks', 'UpdateAddon'],
  'create-group': ['autoscaling', 'CreateAutoScalingGroup'],
  'move-workloads': ['kubernetes', 'patch'],
  'delete-group': ['autoscaling', 'DeleteAutoScalingGroup'],
  'nodegroup-settings': ['eks', 'UpdateNodegroupConfig'],
  'nodegroup-size': ['eks', 'UpdateNodegroupConfig'],
  'nodegroup-update': ['eks', 'UpdateNodegroupVersion'],
  'replace-nodes': ['autoscaling', 'UpdateAutoScalingGroup'],
}

function onCall(fault: string, more = ''): StepFault['faults'] {
  return (step) => {
    const [service, operation] = FIRST_CALL[step.kind] ?? []
    if (service === undefined) return undefined
    const resource = service === 'kubernetes' ? 'nodes/*' : subjectOf(step)
    return `{ fault: ${fault}, where: { service: ${service}, operation: ${operation}, resource: "${resource}" }${more} }`
  }
}

/** The name of what the step is about, as requests and faults say it. */
function subjectOf(step: Step): string {
  if (step.kind === 'addon-update') return step.addon
  return 'group' in step ? step.group.replace('asg:', '') : '*'
}

/** The group of a step that makes one is not there yet, so nothing can be said about it by name. */
function onNodes(fault: string, more = '', where = ''): StepFault['faults'] {
  return (step) => {
    if (step.kind === 'create-group') return `{ fault: ${fault}, where: { ${where} }${more} }`
    if (!replacesNodes(step) || step.kind === 'move-workloads') return undefined
    return `{ fault: ${fault}, where: { ${where}group: ${subjectOf(step)} }${more} }`
  }
}

export const STEP_FAULTS: readonly StepFault[] = [
  { title: 'its call is refused', faults: onCall('forbidden') },
  { title: 'its call is throttled without end', faults: onCall('throttling', ', chance: 1') },
  { title: 'the answer to its call is lost', faults: onCall('cut-connection', ', chance: 0.5, effect: after') },
  { title: 'the network fails on its nodes', faults: onNodes('ipam-hang', '', 'launchedLater: true, ') },
  { title: 'its nodes never join', faults: onNodes('node-never-joins', '', 'launchedLater: true, ') },
  { title: 'there is no capacity for its nodes', faults: onNodes('capacity-shortage', ', when: { from: 5s }') },
  {
    title: 'a budget allows nothing any more',
    faults: (step) => (replacesNodes(step) ? '{ fault: eviction-blocked, where: { budget: "*/*" }, when: { from: 5s } }' : undefined),
  },
  {
    title: 'aws-node crashes after it',
    faults: ({ kind }) => (kind === 'addon-update' ? '{ fault: addon-crashloop, where: { cniChanged: true } }' : undefined),
  },
]
