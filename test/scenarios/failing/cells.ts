/** How a run ends whose step met a fault. */
export interface Cell {
  readonly exit: 'ok' | 'blocked' | 'rolledBack' | 'rollbackFailed' | 'failed' | 'partlyDone' | 'held'
  readonly because: RegExp
  /** What is not as it was then: of a run that went through what it was to change, of one that holds what it has changed so far. */
  readonly remains: readonly string[]
}

/** Both groups at the new version. */
const MOVED = [
  ...['release of node group empty', 'release of node group moved', 'sources of instances of Auto Scaling group eks-moved'],
  ...['version of node group empty', 'version of node group moved', 'what the nodes of moved are'],
]
/** The update settings that the run has changed for its own time. */
const SETTINGS = 'update settings of node group moved'
const OWN_MOVED = ['sources of instances of Auto Scaling group moved', 'what the nodes of asg:moved are']
/** The group that takes over, once it is there. */
const MADE = 'Auto Scaling group fresh'
const TAKEN_OVER = [MADE, 'Auto Scaling group batch is gone', 'what the nodes of asg:batch are']
/** The old group as it is kept until its deletion: empty, hidden from balancers and the autoscaler. */
const KEPT = [
  MADE,
  ...['a node carries cluster-autoscaler.kubernetes.io/scale-down-disabled', 'a node carries serin.dev/leaving'],
  ...['a node carries serin.dev/retired', 'balancers of a node', 'taints of a node', 'the cordon of a node'],
]
const UPDATED = ['the aws-node template', 'version of add-on vpc-cni']

/** By `STRATEGY / KIND OF STEP / FAULT`. */
export const CELLS: Readonly<Record<string, Cell>> = {
  'managed-in-place / nodegroup-settings / its call is refused': { exit: 'held', because: /was refused/, remains: [] },
  'managed-in-place / nodegroup-settings / its call is throttled without end': {
    exit: 'held',
    because: /[Tt]hrottling|too many requests/,
    remains: [],
  },
  'managed-in-place / nodegroup-settings / the answer to its call is lost': { exit: 'ok', because: /is done/, remains: [...MOVED] },
  'managed-in-place / nodegroup-update / its call is refused': { exit: 'held', because: /was refused/, remains: [SETTINGS] },
  'managed-in-place / nodegroup-update / its call is throttled without end': {
    exit: 'held',
    because: /[Tt]hrottling|too many requests/,
    remains: [SETTINGS],
  },
  'managed-in-place / nodegroup-update / the answer to its call is lost': { exit: 'ok', because: /is done/, remains: [...MOVED] },
  'managed-in-place / nodegroup-update / the network fails on its nodes': {
    exit: 'rolledBack',
    because: /hangs at the IPAM check/,
    remains: [],
  },
  'managed-in-place / nodegroup-update / its nodes never join': { exit: 'rolledBack', because: /never joined|has not joined/, remains: [] },
  'managed-in-place / nodegroup-update / there is no capacity for its nodes': {
    exit: 'held',
    because: /could not launch new nodes/,
    remains: [SETTINGS],
  },
  'managed-in-place / nodegroup-update / a budget allows nothing any more': {
    exit: 'held',
    because: /allows no disruption/,
    remains: [
      'sizes of Auto Scaling group eks-moved',
      'sources of instances of Auto Scaling group eks-moved',
      SETTINGS,
      'what the nodes of moved are',
    ],
  },
  'managed-in-place / nodegroup-size / its call is refused': { exit: 'held', because: /was refused/, remains: [...MOVED] },
  'managed-in-place / nodegroup-size / its call is throttled without end': {
    exit: 'held',
    because: /[Tt]hrottling|too many requests/,
    remains: [...MOVED],
  },
  'managed-in-place / nodegroup-size / the answer to its call is lost': { exit: 'ok', because: /is done/, remains: [...MOVED] },
  'drain-and-replace / replace-nodes / its call is refused': {
    exit: 'held',
    because: /was refused/,
    remains: ['suspended processes of Auto Scaling group moved'],
  },
  'drain-and-replace / replace-nodes / its call is throttled without end': {
    exit: 'held',
    because: /[Tt]hrottling|too many requests/,
    remains: ['suspended processes of Auto Scaling group moved'],
  },
  'drain-and-replace / replace-nodes / the answer to its call is lost': { exit: 'ok', because: /is done/, remains: [...OWN_MOVED] },
  'drain-and-replace / replace-nodes / the network fails on its nodes': {
    exit: 'rolledBack',
    because: /hangs at the IPAM check/,
    remains: [],
  },
  'drain-and-replace / replace-nodes / its nodes never join': { exit: 'rolledBack', because: /never joined|has not joined/, remains: [] },
  'drain-and-replace / replace-nodes / there is no capacity for its nodes': {
    exit: 'held',
    because: /could not launch new nodes/,
    remains: ['sizes of Auto Scaling group moved'],
  },
  'drain-and-replace / replace-nodes / a budget allows nothing any more': {
    exit: 'held',
    because: /allows no disruption/,
    remains: ['sizes of Auto Scaling group moved', 'sources of instances of Auto Scaling group moved', 'what the nodes of asg:moved are'],
  },
  'replacement-group / create-group / its call is refused': { exit: 'held', because: /was refused/, remains: [] },
  'replacement-group / create-group / its call is throttled without end': {
    exit: 'held',
    because: /[Tt]hrottling|too many requests/,
    remains: [],
  },
  'replacement-group / create-group / the answer to its call is lost': { exit: 'ok', because: /is done/, remains: [...TAKEN_OVER] },
  'replacement-group / create-group / the network fails on its nodes': {
    exit: 'rolledBack',
    because: /hangs at the IPAM check/,
    remains: [],
  },
  'replacement-group / create-group / its nodes never join': { exit: 'rolledBack', because: /never joined|has not joined/, remains: [] },
  'replacement-group / create-group / there is no capacity for its nodes': {
    exit: 'held',
    because: /could not launch new nodes/,
    remains: [MADE],
  },
  'replacement-group / move-workloads / its call is refused': { exit: 'held', because: /was refused/, remains: [MADE] },
  'replacement-group / move-workloads / its call is throttled without end': {
    exit: 'held',
    because: /[Tt]hrottling|too many requests/,
    remains: [MADE],
  },
  'replacement-group / move-workloads / the answer to its call is lost': { exit: 'ok', because: /is done/, remains: [...TAKEN_OVER] },
  'replacement-group / move-workloads / a budget allows nothing any more': {
    exit: 'held',
    because: /allows no disruption/,
    remains: [MADE, 'a node carries cluster-autoscaler.kubernetes.io/scale-down-disabled'],
  },
  'replacement-group / delete-group / its call is refused': { exit: 'held', because: /was refused/, remains: [...KEPT] },
  'replacement-group / delete-group / its call is throttled without end': {
    exit: 'held',
    because: /[Tt]hrottling|too many requests/,
    remains: [...KEPT],
  },
  'replacement-group / delete-group / the answer to its call is lost': { exit: 'ok', because: /is done/, remains: [...TAKEN_OVER] },
  'add-on / addon-update / its call is refused': { exit: 'blocked', because: /was refused/, remains: [] },
  'add-on / addon-update / its call is throttled without end': { exit: 'held', because: /[Tt]hrottling|too many requests/, remains: [] },
  'add-on / addon-update / the answer to its call is lost': { exit: 'ok', because: /is done/, remains: [...UPDATED] },
  'add-on / addon-update / aws-node crashes after it': { exit: 'rolledBack', because: /has restarted 3 times/, remains: [] },
}
