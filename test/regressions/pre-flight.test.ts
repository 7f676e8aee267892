import { describe, expect, it } from 'vitest'
import { FINDING_FORMS } from '../../src/cli/printing.ts'
import { prepare } from '../../src/engine/prepare.ts'
import { compareAddonVersions, parseAddonVersion } from '../../src/model/addon-version.ts'
import type { PodDisruptionBudget } from '../../src/model/kubernetes.ts'
import { compareMinors, parseMinor } from '../../src/model/kubernetes-minor.ts'
import type { UpgradePlan } from '../../src/model/plan.ts'
import type { ClusterSnapshot } from '../../src/model/snapshot.ts'
import { type } from '../support/fake-io.ts'
import { CNI_AFTER } from '../support/healthy-cluster.ts'
import { rehearse } from '../support/rehearsal.ts'
import {
  changeAddon,
  changeAws,
  changeGroup,
  changeNodes,
  changeObject,
  healthyPlan,
  healthySnapshot,
  type SnapshotChange,
  unreadable,
} from '../support/snapshot-builder.ts'

/** What tools before this one got wrong before an upgrade, and in what they printed. Each title names where it was seen. */

const findingsOf = (changes: readonly SnapshotChange[], plan: Partial<UpgradePlan> = {}) =>
  prepare(healthyPlan(plan), healthySnapshot(...changes)).preflight

const verdictOf = (code: string, changes: readonly SnapshotChange[], plan: Partial<UpgradePlan> = {}) =>
  findingsOf(changes, plan)
    .findings.filter((finding) => finding.code === code)
    .map(({ verdict }) => verdict)

const PLAN = JSON.stringify({
  apiVersion: 'serin.dev/v1alpha1',
  kind: 'UpgradePlan',
  metadata: { name: 'shop' },
  cluster: { name: 'shop', region: 'eu-central-1', accountId: '111122223333' },
  target: { kubernetesVersion: '1.33', images: 'latest' },
  canary: { nodeGroups: ['canary'] },
  waves: [{ name: 'rest', nodeGroups: ['*'] }],
})

const preflight = (snapshot: ClusterSnapshot, ...flags: readonly string[]) =>
  type(['preflight', '/plan.yaml', '--snapshot', '/snapshot.json', ...flags], {
    files: { '/plan.yaml': PLAN, '/snapshot.json': JSON.stringify(snapshot) },
  })

const noneAllowed = changeObject<PodDisruptionBudget>('PodDisruptionBudget', 'web', (each) => ({
  ...each,
  status: { ...each.status, disruptionsAllowed: 0, currentHealthy: 6, desiredHealthy: 6 },
}))
const freeAddresses =
  (...free: readonly number[]): SnapshotChange =>
  (snapshot) =>
    changeAws({
      subnets: snapshot.aws.subnets?.map((subnet, place) => ({ ...subnet, AvailableIpAddressCount: free[place] ?? 5_000 })),
    })(snapshot)
const readyIs = (status: string) =>
  changeNodes((node) => ({
    ...node,
    status: {
      ...node.status,
      conditions: [
        { type: 'DiskPressure', status: 'True' },
        { type: 'Ready', status },
      ],
    },
  }))

describe('the exit code tells what was found (clowdhaus/eksup, aws-samples/eks-cluster-upgrade: 0 whatever was found)', () => {
  it.each([
    ['nothing against it', [], 0],
    ['something that blocks', [noneAllowed], 10],
    ['evidence that is missing', [unreadable('kubernetes:poddisruptionbudgets')], 11],
    ['both: what blocks comes first', [noneAllowed, unreadable('ec2:DescribeSubnets', 'subnets')], 10],
  ] as const)('%s', async (_, changes, exit) => {
    expect((await preflight(healthySnapshot(...changes))).exit).toBe(exit)
  })

  it('a file that is no snapshot', async () => {
    const files = { '/plan.yaml': PLAN, '/snapshot.json': 'oops' }
    expect((await type(['preflight', '/plan.yaml', '--snapshot', '/snapshot.json'], { files })).exit).toBe(2)
  })
})

describe('what is printed', () => {
  it.each(FINDING_FORMS)(
    '-o %s prints something of its own (clowdhaus/eksup: an output that was documented and not there)',
    async (form) => {
      const { stdout } = await preflight(healthySnapshot(noneAllowed), '-o', form)
      expect(stdout).toContain('PDB_ALLOWS_NONE')
    },
  )

  it('the forms differ from each other', async () => {
    const printed = await Promise.all(FINDING_FORMS.map(async (form) => (await preflight(healthySnapshot(noneAllowed), '-o', form)).stdout))
    expect(new Set(printed).size).toBe(FINDING_FORMS.length)
  })

  it('an option that does not exist is refused, never taken and ignored (eksctl-io/eksctl#2628)', async () => {
    expect((await preflight(healthySnapshot(), '--timeout', '5m')).exit).toBe(2)
  })
})

describe('versions', () => {
  it('minors are pairs of whole numbers, 1.30 is not 1.3 (aws-samples/eks-cluster-upgrade: arithmetic with floats)', () => {
    const [nine, thirty] = [parseMinor('1.9'), parseMinor('1.30')]
    expect(nine && thirty && compareMinors(nine, thirty)).toBeLessThan(0)
    const [third, tenth] = ['v1.18.3-eksbuild.3', 'v1.18.3-eksbuild.10'].map(parseAddonVersion)
    expect(third && tenth && compareAddonVersions(third, tenth)).toBeLessThan(0)
  })

  it('an add-on never moves to a default that is older than what is installed (aws-samples/eks-cluster-upgrade#69)', () => {
    const newer = 'v1.99.0-eksbuild.1'
    const { intent } = prepare(healthyPlan(), healthySnapshot(changeAddon('vpc-cni', { addonVersion: newer })))
    expect(intent.addons.flatMap(({ hops }) => hops)).toEqual([])
  })

  it('a version that runs and is not listed is said, and nothing goes down for it (aws/amazon-vpc-cni-k8s#3509)', () => {
    const unlisted = changeAws({
      addonVersions: healthySnapshot().aws.addonVersions?.map((each) => ({
        ...each,
        addonVersions: each.addonVersions?.filter(({ addonVersion }) => addonVersion !== CNI_AFTER),
      })),
    })
    const { intent, preflight: result } = prepare(
      healthyPlan(),
      healthySnapshot(changeAddon('vpc-cni', { addonVersion: CNI_AFTER }), unlisted),
    )
    expect(intent.addons.flatMap(({ hops }) => hops)).toEqual([])
    expect(result.findings.filter(({ verdict }) => verdict === 'block').map(({ code }) => code)).not.toContain('ADDON_LISTED')
  })

  it('the role and the settings of an add-on are sent again with every hop (aws/amazon-vpc-cni-k8s#872)', () => {
    const [cni] = prepare(healthyPlan(), healthySnapshot()).intent.addons
    expect(cni).toMatchObject({
      resolveConflicts: 'PRESERVE',
      baseline: {
        serviceAccountRoleArn: expect.stringContaining('shop-cni'),
        configurationValues: expect.stringContaining('WARM_ENI_TARGET'),
      },
    })
  })
})

describe('what is judged', () => {
  it('an empty zone is not hidden by the sum over all zones (clowdhaus/eksup)', () => {
    expect(verdictOf('SUBNET_ADDRESSES', [freeAddresses(0, 5_000, 5_000)])).toContain('block')
    expect(verdictOf('SUBNET_ADDRESSES', [freeAddresses(40, 40, 40)])).toEqual(['pass'])
  })

  it.each(['Unknown', 'False'])(
    'Ready=%s is not Ready, wherever it stands in the list (hellofresh/eks-rolling-update, TwiN/aws-eks-asg-rolling-update-handler)',
    (status) => {
      expect(new Set(verdictOf('NODE_NOT_READY', [readyIs(status)]))).toEqual(new Set(['warn']))
    },
  )

  it('no data is neither a failure nor a success (argoproj/argo-rollouts#1905)', () => {
    expect(verdictOf('PDB_ALLOWS_NONE', [unreadable('kubernetes:poddisruptionbudgets')])).toEqual(['unknown'])
  })

  it('what is inconclusive can be left, by somebody who says why (argoproj/argo-rollouts#3015)', () => {
    const blind = unreadable('ec2:DescribeSubnets', 'subnets')
    const open = findingsOf([blind]).findings.filter(({ verdict, wouldBlock }) => verdict === 'unknown' && wouldBlock === true)
    const waivers = open.map(({ code, subject }) => ({
      code,
      subject,
      owner: 'lena',
      reason: 'counted by hand',
      expires: '2027-01-31',
      verdict: 'unknown' as const,
    }))
    expect([findingsOf([blind]).verdict, findingsOf([blind], { waivers }).verdict]).toEqual(['inconclusive', 'clear'])
  })

  it('insights of EKS inform, and stop nobody by force (aws/containers-roadmap#2570)', () => {
    const failing = changeAws({
      insights: [
        { id: '1', name: 'Deprecated APIs', category: 'UPGRADE_READINESS', kubernetesVersion: '1.33', insightStatus: { status: 'ERROR' } },
      ],
    })
    expect(verdictOf('UPGRADE_INSIGHTS', [failing])).toEqual(['warn'])
  })

  it('a budget that blocks where nothing is drained stops no work (Azure/AKS#4839)', () => {
    const untouched = { nodeGroups: ['app-*', 'canary'], optional: false, reason: 'another day' }
    const plan = { canary: undefined, waves: healthyPlan().waves.slice(1), exclude: [untouched] }
    expect(verdictOf('PDB_ALLOWS_NONE', [noneAllowed], plan)).toEqual(['pass'])
  })

  it('ten percent of one node is one node, not none (Karpenter: budgets round down)', () => {
    const one = { scalingConfig: { minSize: 1, maxSize: 2, desiredSize: 1 }, updateConfig: { maxUnavailablePercentage: 10 } }
    const { intent } = prepare(healthyPlan(), healthySnapshot(changeGroup('canary', one)))
    expect(intent.groups.find(({ name }) => name === 'canary')?.maxUnavailable).toBe(1)
  })

  it('a window is in the time of a place, not in UTC (Karpenter: budgets)', () => {
    const window = { timeZone: 'Asia/Tokyo', open: ['Mon 19:00-23:59'], freezes: [], atClose: 'hold' } as const
    // it is Monday, 10:00 UTC, and 19:00 in Tokyo
    const [finding] = findingsOf([], { window }).findings.filter(({ code }) => code === 'WINDOW_FITS')
    expect(finding?.message).toContain('2026-11-23T10:00')
  })
})

describe('nothing moves', () => {
  it('when pre-flight blocks (kubernetes/kops#7258, argoproj/argo-rollouts#1411: went on although validation failed)', async () => {
    const { exit, journal, requests } = await rehearse({ plan: 'quickstart', scenarios: ['signatures/p01'] })
    expect([exit, journal]).toEqual(['blocked', []])
    const writes = requests.filter(({ operation }) => /^(Update|Create|Delete|Terminate|Set|Modify)/.test(operation))
    expect(writes).toEqual([])
  })

  it('more than one group at a time, unless the plan says so (public write-up: every group at once is throttled by the EKS API)', () => {
    const { itinerary } = prepare(healthyPlan(), healthySnapshot())
    const groups = itinerary.batches
      .filter(({ phase }) => phase !== 'addon')
      .map(({ steps }) => steps.filter(({ kind }) => kind === 'nodegroup-update').length)
    expect(Math.max(...groups)).toBe(1)
  })
})
