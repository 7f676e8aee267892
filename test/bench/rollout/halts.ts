import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadPlan } from '../../../src/plan/load.ts'
import { rehearsed } from '../../support/rehearsal.ts'

/** Every signature of the catalogue, played while a self-managed group is rolled: what stops the run, and how many nodes are exposed by then. */

const SCENARIOS = join(import.meta.dirname, '../../../plans/scenarios/signatures')

/** Launched ahead, so as many new nodes have to pass their gates before any pod moves: the first batch that a fault of new nodes can meet. */
const SURGE = 3
const PLACE = { name: 'halts', region: 'eu-central-1', accountId: '111122223333' }
const HEAD = { apiVersion: 'serin.dev/v1alpha1', metadata: { name: 'halts' } }
const SUBNETS = ['nodes-a', 'nodes-b']

const WORLD = JSON.stringify({
  ...HEAD,
  kind: 'World',
  clock: { start: '2026-09-29T19:30:00Z' },
  cluster: { ...PLACE, kubernetesVersion: '1.33' },
  subnets: SUBNETS.map((name, index) => ({ name, zone: `eu-central-1${'ab'[index]}`, cidr: `10.0.${2 * index}.0/23` })),
  launchTemplates: [
    { name: 'app', versions: ['1.32', '1.33'].map((kubernetesVersion) => ({ instanceType: 'm5.large', image: { kubernetesVersion } })) },
  ],
  nodeGroups: [
    {
      ...{ name: 'app', form: 'self-managed', instanceTypes: ['m5.large'], size: { min: 1, max: 20, desired: 12 }, subnets: SUBNETS },
      selfManaged: { launchTemplate: { name: 'app', version: 1 } },
    },
    { name: 'other', instanceTypes: ['m6i.large'], size: { min: 1, max: 8, desired: 4 }, kubernetesVersion: '1.32', subnets: SUBNETS },
  ],
  addons: [
    { name: 'kube-proxy', version: 'v1.33.5-eksbuild.2' },
    { name: 'vpc-cni', version: 'v1.21.1-eksbuild.7' },
    { name: 'coredns', version: 'v1.12.4-eksbuild.1' },
  ],
  workloads: [{ kind: 'Deployment', namespace: 'shop', name: 'web', replicas: 24 }],
})

/** By the gates that a plan has by itself. */
const PLAN = JSON.stringify({
  ...HEAD,
  kind: 'UpgradePlan',
  cluster: PLACE,
  target: { kubernetesVersion: '1.33' },
  canary: { nodeGroups: ['asg:app'], soak: '1m' },
  nodeGroups: [{ match: 'asg:*', launchTemplateVersion: 2, surge: SURGE }],
  exclude: [{ nodeGroups: ['other'], reason: 'untouched' }],
})

interface Halt {
  readonly stoppedBy: string
  /** New nodes there were, and old ones that were being drained or gone; undefined where nothing stopped the run. */
  readonly exposed?: number
  readonly moved?: number
}

async function played(signature: string): Promise<Halt> {
  let [fresh, moved] = [0, 0]
  let halt: Halt | undefined
  const text = readFileSync(join(SCENARIOS, `${signature}.yaml`), 'utf8')
  return await rehearsed(
    {
      plan: { plan: loadPlan({ read: () => PLAN }, 'halts.yaml').plan, world: WORLD },
      scenarios: [{ name: signature, text }],
      watch: ({ groups }) => {
        fresh = (groups['asg:app']?.nodes ?? []).filter(({ kubeletMinor }) => kubeletMinor === '1.33').length
      },
      onEvent: ({ event }) => {
        if (event.type === 'command-intended' && event.command.action.kind === 'retire-node') moved += 1
        if (event.type === 'batch-failed' || event.type === 'step-failed' || event.type === 'hold-entered')
          halt ??= {
            stoppedBy: 'failure' in event && event.failure ? event.failure.cause : 'cause' in event ? `${event.cause}` : '',
            exposed: fresh,
            moved,
          }
      },
    },
    ({ exit }) => halt ?? { stoppedBy: exit === 'ok' ? 'nothing' : 'pre-flight', ...(exit !== 'ok' && { exposed: 0, moved: 0 }) },
  )
}

/** A signature a row; at the end the median of those that stopped the run once it had begun, beside the first batch. */
export async function haltsOf(): Promise<readonly (readonly string[])[]> {
  const rows: (readonly string[])[] = [['signature', 'stopped by', 'new nodes', 'old nodes begun']]
  const exposed: number[] = []
  for (const file of readdirSync(SCENARIOS).toSorted()) {
    const signature = file.replace('.yaml', '')
    const halt = await played(signature).catch((error: Error): Halt => ({ stoppedBy: `not played: ${error.message.slice(0, 40)}` }))
    if (halt.exposed !== undefined && halt.stoppedBy !== 'pre-flight') exposed.push(halt.exposed)
    rows.push([signature, halt.stoppedBy, `${halt.exposed ?? '-'}`, `${halt.moved ?? '-'}`])
  }
  const median = exposed.toSorted((a, b) => a - b)[Math.floor((exposed.length - 1) / 2)]
  rows.push([`median of ${exposed.length}`, `first batch: ${SURGE}`, `${median ?? '-'}`, ''])
  return rows
}
