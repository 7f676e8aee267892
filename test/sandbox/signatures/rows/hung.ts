import { expect } from 'vitest'
import { sorted } from '../sick-nodes.ts'

/** What the API shows of containers and nodes in the states that many signatures share. */

const RUNS = { ready: true, restarts: 0, state: 'Running' }
const INIT_DONE = { ready: true, restarts: 0, state: 'Completed', exitCode: 0, exitReason: 'Completed' }

const atLeast = (least: number) => expect.toSatisfy((count: number) => count >= least)
const crashing = expect.stringMatching(/^(Running|CrashLoopBackOff|Error)$/)

/** A container that ends with this code again and again. */
export const ends = (exitCode: number, restarts = 2) => ({
  ready: false,
  restarts: atLeast(restarts),
  state: crashing,
  exitCode,
  exitReason: 'Error',
})

/** The entrypoint's words while ipamd does not serve. */
export const POLLING = [
  'Installed /host/opt/cni/bin/aws-cni',
  'Installed /host/opt/cni/bin/egress-cni',
  'level=info msg="Starting IPAM daemon... "',
  'level=info msg="Checking for IPAM connectivity... "',
]

const SERVING = [
  ...POLLING,
  'level=info msg="Copying config file... "',
  'level=info msg="Successfully copied CNI plugin binary and config file."',
]

/** A line of ipamd.log that goes to the container's log. */
export const ipamd = (message: string) => JSON.stringify({ level: 'error', msg: message })

const REFUSED = 'https response error StatusCode: 403, api error UnauthorizedOperation: You are not authorized to perform this operation.'
export const refused = (operation: string) => `operation error EC2: ${operation}, ${REFUSED}`

interface Event {
  readonly type: string
  readonly reason: string
  readonly message: string
  readonly [member: string]: unknown
}

export const STARTED = { type: 'Normal', reason: 'Started', message: 'Started container aws-node', count: atLeast(1) }

export const backOff = (container: string, least = 1): Event => ({
  type: 'Warning',
  reason: 'BackOff',
  message: `Back-off restarting failed container ${container} in pod POD`,
  count: atLeast(least),
})

/** Events of probes that find nobody at an address, and of what the kubelet does about it. */
export function probing(address = ':50051'): readonly Event[] {
  const failed = `timeout: failed to connect service "${address}" within 5s`
  return [
    { type: 'Warning', reason: 'Unhealthy', message: `Readiness probe failed: ${failed}`, count: atLeast(7) },
    { type: 'Warning', reason: 'Unhealthy', message: `Liveness probe failed: ${failed}`, count: atLeast(3) },
    { type: 'Normal', reason: 'Killing', message: 'Container aws-node failed liveness probe, will be restarted', count: atLeast(1) },
    STARTED,
  ]
}

/** The event by which ipamd names the action it lacks: events.k8s.io/v1, so its times stand elsewhere. */
export function missing(action: string): Event {
  return {
    type: 'Warning',
    reason: 'MissingIAMPermissions',
    message: `Unauthorized operation: failed to call ${action} due to missing permissions. Please refer https://github.com/aws/amazon-vpc-cni-k8s/blob/master/docs/iam-policy.md to attach relevant policy to IAM role`,
    action,
    eventTime: expect.stringMatching(/^2026-09-29T\d\d:\d\d:\d\d\.\d{6}Z$/),
    firstTimestamp: null,
    lastTimestamp: null,
    reportingComponent: 'aws-node',
    reportingInstance: expect.stringMatching(/^aws-node-ip-10-0-/),
    series: { count: atLeast(2), lastObservedTime: expect.any(String) },
  }
}

const PLACES = {
  'app a': { group: 'app', zone: 'eu-central-1a', instanceType: 'm5.large' },
  'app b': { group: 'app', zone: 'eu-central-1b', instanceType: 'm5.large' },
  'other a': { group: 'other', zone: 'eu-central-1a', instanceType: 'm6i.large' },
  'other b': { group: 'other', zone: 'eu-central-1b', instanceType: 'm6i.large' },
}

export type Place = keyof typeof PLACES

/** One of the new nodes in every group and zone, in the order of their names. */
export const EVERYWHERE: readonly Place[] = ['app a', 'other a', 'app b', 'other b']

interface Difference {
  readonly log?: readonly string[]
  readonly events?: readonly Event[]
  readonly address?: string
  readonly exitCode?: number
  readonly containers?: Readonly<Record<string, unknown>>
  readonly [member: string]: unknown
}

/** A node whose aws-node hangs at its IPAM check, is killed and starts again; new, and so not Ready, unless said otherwise. */
export function hung(place: Place, difference: Difference = {}): Record<string, unknown> {
  const { log = [], events = [], address, exitCode = 2, containers, ...rest } = difference
  return {
    ...PLACES[place],
    ready: 'False',
    containers: { 'aws-vpc-cni-init': INIT_DONE, 'aws-node': ends(exitCode), 'aws-eks-nodeagent': RUNS, ...containers },
    log: [...POLLING, ...log],
    events: sorted([...probing(address), backOff('aws-node'), ...events]),
    notReady: {},
    ...rest,
  }
}

/** A node whose aws-node serves, with what is odd about it. */
export function serving(place: Place, { events = [], containers, ...rest }: Difference = {}): Record<string, unknown> {
  return {
    ...PLACES[place],
    ready: 'True',
    containers: { 'aws-vpc-cni-init': INIT_DONE, 'aws-node': RUNS, 'aws-eks-nodeagent': RUNS, ...containers },
    log: SERVING,
    events: sorted([STARTED, ...events]),
    notReady: {},
    ...rest,
  }
}
