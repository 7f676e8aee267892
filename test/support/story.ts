import { stringify } from 'yaml'
import { isSerinError } from '../../src/errors/serin-error.ts'
import { encodeEntry } from '../../src/journal/codec.ts'
import type { JournalEntry } from '../../src/journal/event.ts'
import { keyedRandom } from '../../src/model/keyed.ts'
import { loadPlan } from '../../src/plan/load.ts'
import type { RequestRecord } from '../../src/sandbox/wire/wire.ts'
import { faultsOf } from './any-fault.ts'
import { type RehearsalSettings, rehearsed } from './rehearsal.ts'

/** What a run leaves behind that must be the same every time. */
export interface Story {
  readonly exit: string
  readonly journal: string
  /** Every request that changes something, in an order that does not depend on who came first. */
  readonly mutations: readonly string[]
}

/** The story of a run. An error that a fault leads to is an end like any other. */
export async function storyOf(settings: RehearsalSettings, onRequest: (record: RequestRecord) => void = () => {}): Promise<Story> {
  const entries: JournalEntry[] = []
  const requests: RequestRecord[] = []
  const note = (record: RequestRecord): void => {
    requests.push(record)
    onRequest(record)
  }
  const exit = await ended({ ...settings, onEvent: (entry) => entries.push(entry), onRequest: note })
  const mutations = requests.filter(isMutation).map(({ requestId: _, ...record }) => JSON.stringify(record))
  return { exit, journal: entries.map(encodeEntry).join(''), mutations: mutations.sort() }
}

async function ended(settings: RehearsalSettings): Promise<string> {
  try {
    return await rehearsed(settings, ({ exit }) => exit)
  } catch (error) {
    if (isSerinError(error)) return `${error.code}: ${error.message}`
    throw error
  }
}

function isMutation({ operation }: RequestRecord): boolean {
  return !/^(Describe|List|Get|get|list|watch)/.test(operation)
}

const ZONES = ['a', 'b']

/** A world of three nodes, a plan for them, and one or two faults in force, all of them by the seed. */
export function smallCase(seed: number): RehearsalSettings {
  const metadata = { name: 'small', summary: 'small' }
  const scenario = { apiVersion: 'serin.dev/v1alpha1', kind: 'Scenario', metadata, faults: faultsOf(seed) }
  const plan = loadPlan({ read: () => JSON.stringify(planOf(seed)) }, 'small.yaml').plan
  return { plan: { plan, world: JSON.stringify(worldOf()) }, scenarios: [{ name: 'small', text: JSON.stringify(scenario) }], seed }
}

/** The files of the same world and plan without faults, for processes that read files. */
export function smallFiles(seed: number): { readonly plan: string; readonly world: string } {
  return { plan: stringify(planOf(seed)), world: stringify(worldOf()) }
}

function worldOf(): unknown {
  const group = (name: string, desired: number) => ({
    ...{ name, instanceTypes: ['m5.large'], kubernetesVersion: '1.32', subnets: ZONES },
    ...{ size: { min: 1, max: desired + 1, desired }, update: { maxUnavailable: 1 } },
  })
  return {
    ...{ apiVersion: 'serin.dev/v1alpha1', kind: 'World', metadata: { name: 'small' }, clock: { start: '2026-09-29T19:30:00Z' } },
    cluster: { name: 'shop', region: 'eu-central-1', accountId: '111122223333', kubernetesVersion: '1.33' },
    subnets: ZONES.map((zone, index) => ({ name: zone, zone: `eu-central-1${zone}`, cidr: `10.0.${index * 4}.0/22` })),
    nodeGroups: [group('canary', 1), group('app-1', 2)],
    addons: [
      { name: 'kube-proxy', version: 'v1.33.5-eksbuild.2' },
      { name: 'vpc-cni', version: 'v1.21.2-eksbuild.2' },
      { name: 'coredns', version: 'v1.12.4-eksbuild.1' },
    ],
    workloads: [
      { kind: 'DaemonSet', namespace: 'monitoring', name: 'agent', cpu: '20m' },
      { kind: 'Deployment', namespace: 'shop', name: 'web', replicas: 3, cpu: '100m', budget: { maxUnavailable: 1 } },
    ],
  }
}

/** Every tenth seed moves the add-on too: that takes the longest. */
function planOf(seed: number): unknown {
  return {
    ...{ apiVersion: 'serin.dev/v1alpha1', kind: 'UpgradePlan', metadata: { name: 'small' } },
    cluster: { name: 'shop', region: 'eu-central-1', accountId: '111122223333' },
    target: {
      ...{ kubernetesVersion: '1.33', images: 'latest' },
      ...(seed % 10 === 0 && { addons: [{ name: 'vpc-cni', version: 'recommended', gates: 'cni', soak: '1m' }] }),
    },
    gates: { cni: ['aws-node', 'stuck-pods'], node: ['nodes-ready', 'aws-node', 'ipam', 'stuck-pods', 'workloads'] },
    canary: { nodeGroups: ['canary'], gates: 'node', soak: '1m' },
    waves: [{ name: 'rest', nodeGroups: ['*'], gates: 'node' }],
    rollback: { canary: 'automatic', waves: seed % 2 === 0 ? 'automatic' : 'hold' },
  }
}

/** Lets requests that are sent together arrive in another order: some wait for a turn of the event loop. */
export function shuffled(seed: number): NonNullable<RehearsalSettings['between']> {
  let sent = 0
  const mayWait = async (): Promise<void> => {
    if (keyedRandom('shuffle', seed, sent++) < 0.5) await new Promise((resolve) => setImmediate(resolve))
  }
  return (transport) => {
    const own = transport.awsRequestHandler as unknown as { handle: (...asked: readonly unknown[]) => Promise<unknown> }
    const handle = async (...asked: readonly unknown[]) => {
      await mayWait()
      return await own.handle(...asked)
    }
    return {
      ...transport,
      awsRequestHandler: { ...own, handle } as unknown as typeof transport.awsRequestHandler,
      dispatcher: transport.dispatcher.compose((dispatch) => (options, handler) => {
        void mayWait().then(() => dispatch(options, handler))
        return true
      }),
    }
  }
}
