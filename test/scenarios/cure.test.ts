import { describe, expect, it } from 'vitest'
import type { UpgradePlan } from '../../src/model/plan.ts'
import { runReport } from '../../src/report/run-report.ts'
import { type Rehearsal, rehearse } from '../support/rehearsal.ts'
import { eventsOf } from './story.ts'

/** aws-node comes not back on some nodes after a change of the CNI (aws/amazon-vpc-cni-k8s#3224): what is cured, and what goes back. */

const BOUNDS = {
  onFailureOf: ['aws-node', 'ipam'],
  maxNodes: 2,
  maxShare: 0.34,
  maxPods: 10,
  podsAtOnce: 5,
  jobs: false,
  within: 1_200_000,
}

/** Pre-flight would not let it come so far. */
const WAIVED = {
  code: 'CNI_ROLE_ACTIONS',
  subject: 'Role/shop-nodes',
  owner: 'lena',
  reason: 'to see it fail',
  expires: '2027-01-31',
  verdict: 'block',
} as const

interface Case {
  readonly faults: readonly object[]
  readonly world?: object
  /** Of vpc-cni, in place of the plan's own. */
  readonly version?: string
}

async function played({ faults, world = {}, version }: Case): Promise<Rehearsal> {
  const text = JSON.stringify({
    apiVersion: 'serin.dev/v1alpha1',
    kind: 'Scenario',
    metadata: { name: 'case', summary: 'case' },
    world,
    faults,
  })
  const target = ({ addons }: UpgradePlan['target']): UpgradePlan['target'] => ({
    addons: addons.map((addon) => (version === undefined ? addon : { ...addon, version })),
    images: 'keep',
  })
  const change = (plan: UpgradePlan): UpgradePlan => ({ ...plan, remediation: BOUNDS, target: target(plan.target), waivers: [WAIVED] })
  return await rehearse({ plan: 'quickstart', scenarios: [{ name: 'case', text }], change })
}

/** How it ended, what it was found to come from, how many nodes were put in the place of others, and whether it went back. */
function told({ exit, journal }: Rehearsal) {
  const rotated = eventsOf(journal, 'command-intended').filter(({ command }) => command.action.kind === 'terminate-instance')
  return {
    exit,
    cause: eventsOf(journal, 'diagnosed')[0]?.causes[0]?.code,
    rotated: rotated.length,
    back: eventsOf(journal, 'rollback-started').length > 0,
  }
}

const ONCE_IT_CHANGES = { when: { after: 'eks:UpdateAddon vpc-cni' } }
/** ipamd waits for the API server, and what it says of that goes to the container's log. */
const WAITS = { addons: { 'vpc-cni': { configuration: { env: { ANNOTATE_POD_IP: 'true', AWS_VPC_K8S_CNI_LOG_FILE: 'stdout' } } } } }
const someOldNodes = { launchedLater: false, cniChanged: true, share: 0.2 }

describe('aws-node that hangs on some nodes', () => {
  it.each([
    {
      title: 'for what is left on the host: a new node, and the run goes on',
      faults: [{ fault: 'ipam-hang', where: someOldNodes }],
      expected: { exit: 'ok', cause: 'F06', rotated: 1, back: false },
    },
    {
      title: 'for kube-proxy there: a new node, and the run goes on',
      world: WAITS,
      faults: [{ fault: 'service-network-late', where: someOldNodes }],
      expected: { exit: 'ok', cause: 'F05', rotated: 1, back: false },
    },
    {
      title: 'for kube-proxy there, and on the new node too: the line stops, and the add-on goes back',
      world: WAITS,
      faults: [
        { fault: 'service-network-late', where: someOldNodes },
        { fault: 'service-network-late', where: { launchedLater: true, cniChanged: true } },
      ],
      expected: { exit: 'rolledBack', cause: 'F05', rotated: 1, back: true },
    },
    {
      version: 'v1.22.1-eksbuild.2',
      title: 'for a permission that the new version lacks: no node is touched, and the add-on goes back',
      faults: [{ fault: 'role-lacks-action', where: { role: 'aws-node' }, actions: ['ec2:DescribeSecurityGroups'], ...ONCE_IT_CHANGES }],
      expected: { exit: 'rolledBack', cause: 'F02', rotated: 0, back: true },
    },
  ])('$title', async ({ expected, ...scenario }) => {
    const run = await played(scenario)
    expect(told(run)).toEqual(expected)
    if (run.ending === undefined || !expected.back) return
    const { evidence, diagnosis } = runReport(run.prepared.itinerary, run.ending.state, run.journal)
    expect(evidence[0]).toMatch(/^exposed before it was stopped: \d+ nodes? \(ip-/)
    expect(diagnosis[0]).toContain(`${expected.cause}, certain`)
  })
})
