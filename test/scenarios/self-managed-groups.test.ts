import { describe, expect, it } from 'vitest'
import { applyItinerary } from '../../src/engine/apply.ts'
import { MINUTE } from '../../src/model/instant.ts'
import { EXCLUDE_FROM_BALANCERS_LABEL, type Node, type Pod } from '../../src/model/kubernetes.ts'
import { objectsOf } from '../../src/model/snapshot.ts'
import type { RunPorts } from '../../src/ports/ports.ts'
import { remarksOf } from '../../src/report/itinerary-words.ts'
import type { World } from '../../src/sandbox/contract.ts'
import type { OpenedWorld } from '../../src/sandbox/world/open.ts'
import { call } from '../sandbox/aws/world-driver.ts'
import { leftOver, notAsItWas, notTarget } from '../support/as-it-was.ts'
import { driveOptions, type Rehearsal, rehearse } from '../support/rehearsal.ts'
import { canaryOnly, launchingFrom, only, othersCall, PLAN, scenario } from './self-managed.ts'
import { begin, eventsOf, goOn, heldFor, lookAround, outcomeOf, withStory } from './story.ts'

/** Self-managed groups of every kind, and what stands in their way: everything that is waited for has a name, and an end. */

/** Whoever waives what pre-flight says of addresses has still to be stopped by the subnet itself. */
const WAIVED = {
  ...{
    code: 'SUBNET_ADDRESSES',
    subject: 'Subnet/subnet-eacec89734d34159f',
    owner: 'lena',
    reason: 'the neighbours leave at nine',
    expires: '2026-10-30',
  },
  verdict: 'block' as const,
}

describe('room for new nodes', () => {
  it('that one zone does not have is waited for, then held for by the name of its subnet, and used once it is there', async () => {
    const full = scenario('full', '{ fault: subnet-exhausted, where: { zone: "*b" }, when: { to: 90m } }')
    const change: typeof PLAN.change = (plan) => ({ ...(only()?.(plan) ?? plan), waivers: [WAIVED] })
    await withStory({ ...PLAN, change, scenarios: [full] }, async (story) => {
      expect(await begin(story)).toMatchObject({ kind: 'open', exit: 'held' })
      expect(heldFor(story.journal)).toMatchObject({ cause: 'no-capacity' })
      expect(heldFor(story.journal)?.message).toMatch(/subnet-\S+ has 0 free addresses in eu-central-1b/)
      const [waited] = story.journal.filter(({ event }) => event.type === 'waiting-began' && event.on.startsWith('steps/'))
      const [held] = story.journal.filter(({ event }) => event.type === 'hold-entered')
      expect((held?.at ?? 0) - (waited?.at ?? 0)).toBeGreaterThanOrEqual(15 * MINUTE)

      story.simulation.world.timeline.advanceTo(story.simulation.world.timeline.now() + 90 * MINUTE)
      const outcome = outcomeOf(await goOn(story, 'resume'))
      expect(outcome.exit).toBe('ok')
      expect(notTarget(story.start, await lookAround(story), story.prepared.itinerary, outcome.byHand)).toEqual([])
    })
  })
})

describe('a mixed-instances policy', () => {
  it('with weights is refused before anything moves, with the reason: its size counts units', async () => {
    const weighted = launchingFrom('{ launchTemplate: { name: workers, version: 1 }, mixed: { weights: { m5.large: 2 } } }')
    const { exit, prepared } = await rehearse({ ...weighted, change: only() })
    expect(exit).toBe('blocked')
    const said = prepared.preflight.findings.filter(({ verdict }) => verdict === 'block').map(({ message }) => message)
    expect(said).toContainEqual(expect.stringContaining('gives m5.large a weight of 2, so its size counts units and not nodes'))
  })
})

/** Nothing is missing of what the plan wanted, and nothing is left over. */
function expectThere({ exit, start, end, prepared, ending }: Rehearsal): void {
  expect(exit, JSON.stringify(ending)?.slice(0, 900)).toBe('ok')
  expect(notTarget(start, end, prepared.itinerary, outcomeOf(ending).byHand)).toEqual([])
}

const BAD_IMAGE = scenario('bad-nodes', '{ fault: ipam-hang, where: { group: canary, launchedLater: true, kubeletMinor: "1.33" } }')

const NEXT =
  'instanceTypes: [m5.large], size: { min: 0, max: 1, desired: 0 }, selfManaged: { launchConfiguration: true }, subnets: [nodes-a]'

/** The group launches from a configuration; that of another group has the image of the next minor. */
const CONFIGURED = {
  ...launchingFrom('{ launchConfiguration: true }\n    kubernetesVersion: "1.32"', (world) =>
    world.replace('nodeGroups:\n', `nodeGroups:\n  - { name: next, form: self-managed, kubernetesVersion: "1.33", ${NEXT} }\n`),
  ),
  change: canaryOnly({ launchTemplateVersion: undefined, launchConfiguration: 'next-configuration' }),
}

describe('the way back', () => {
  it('is looked at again before every step: the image of the old nodes gone meanwhile, the run holds with that as the reason', async () => {
    const change: typeof PLAN.change = (plan) => {
      const { waves, ...rest } = only()?.(plan) ?? plan
      return { ...rest, waves: waves.map((wave) => ({ ...wave, approval: {} })) }
    }
    await withStory({ ...PLAN, change }, async (story) => {
      await begin(story)
      const { world } = story.simulation
      call(world.ec2, 'ModifyLaunchTemplate', { LaunchTemplateName: 'workers', DefaultVersion: '2' })
      call(world.ec2, 'DeleteLaunchTemplateVersions', { LaunchTemplateName: 'workers', Versions: ['1'] })
      const ending = await goOn(story, 'approve')
      expect(ending).toMatchObject({ kind: 'open', exit: 'held', because: expect.stringContaining('WAY_BACK_OPEN') })
      expect(ending).toMatchObject({ because: expect.stringContaining('version 1 of launch template workers') })
      const retired = eventsOf(story.journal, 'command-intended').filter(({ command }) => command.step.includes('billing'))
      expect(retired).toEqual([])
    })
  })
})

describe('the order of single nodes', () => {
  it('is kept by their labels: those of one zone last, and never two of them at a time', async () => {
    const zone = 'topology.kubernetes.io/zone'
    const last = `workload=billing,${zone}=eu-central-1a`
    const nodes = [{ match: last, after: [`workload=billing,${zone}!=eu-central-1a`], neverWith: [last] }]
    const change: typeof PLAN.change = (plan) => ({ ...(only({ surge: 4 })?.(plan) ?? plan), nodes })
    const rehearsal = await rehearse({ ...PLAN, change })
    expectThere(rehearsal)
    const { start, journal, prepared } = rehearsal
    expect(remarksOf(prepared.itinerary)).toContain(`asg:billing: nodes with ${last} are drained one at a time.`)
    const places = new Map(objectsOf<Node>(start, 'Node').map(({ metadata: { name, labels } }) => [name, labels?.[zone]]))
    const acts = eventsOf(journal, 'command-intended').flatMap(({ command: { step, action } }) => {
      const isAct = (action.kind === 'retire-node' || action.kind === 'terminate-instance') && step.includes('billing')
      const place = isAct ? places.get(action.node ?? '') : undefined
      return place === undefined ? [] : [{ what: action.kind, place, node: 'node' in action ? action.node : '' }]
    })
    const ofLast = acts.filter(({ place }) => place === 'eu-central-1a')
    expect(acts.slice(acts.length - ofLast.length)).toEqual(ofLast)
    const each = ofLast.map(({ node }) => node).filter((node, index, all) => all.indexOf(node) === index)
    expect(each.length).toBeGreaterThan(1)
    expect(ofLast.map(({ what, node }) => `${what} ${node}`)).toEqual(
      each.flatMap((node) => [`retire-node ${node}`, `terminate-instance ${node}`]),
    )
  })
})

describe('what a group launches from', () => {
  it('a launch configuration is changed for another one, by name', async () => {
    expectThere(await rehearse(CONFIGURED))
  })

  it('and is what the group launches from again where the new one fails', async () => {
    const { exit, start, end, ending } = await rehearse({ ...CONFIGURED, scenarios: [BAD_IMAGE] })
    expect(exit).toBe('rolledBack')
    expect(notAsItWas(start, end, outcomeOf(ending).byHand)).toEqual([])
  })

  it('a mixed-instances policy keeps all it says but the number of its template', async () => {
    const mixed = launchingFrom('{ launchTemplate: { name: workers, version: 1 }, mixed: { onDemandBase: 1, onDemandPercentage: 50 } }')
    const run = await rehearse({ ...mixed, change: canaryOnly() })
    expectThere(run)
    const policyOf = ({ aws }: Rehearsal['start']) =>
      aws.autoScalingGroups?.find(({ AutoScalingGroupName }) => AutoScalingGroupName === 'canary')?.MixedInstancesPolicy
    expect(policyOf(run.end)?.InstancesDistribution).toEqual(policyOf(run.start)?.InstancesDistribution)
    expect(policyOf(run.end)?.LaunchTemplate?.LaunchTemplateSpecification?.Version).toBe('2')
  })
})

describe('lifecycle hooks', () => {
  it('of our own are completed, and those of others are waited for and never touched', async () => {
    const hooks = [
      '{ name: serin-drain, transition: terminating, heartbeat: 7200 }',
      '{ name: inventory, transition: terminating, heartbeat: 120, defaultResult: CONTINUE }',
      '{ name: bootstrap, transition: launching, heartbeat: 90, defaultResult: CONTINUE }',
    ]
    const hooked = launchingFrom(`{ launchTemplate: { name: workers, version: 1 }, hooks: [${hooks.join(', ')}] }`)
    const run = await rehearse({ ...hooked, change: canaryOnly() })
    expectThere(run)
    const completed = eventsOf(run.journal, 'command-intended').flatMap(({ command: { action } }) =>
      action.kind === 'complete-lifecycle-action' ? [action.hook] : [],
    )
    expect(new Set(completed)).toEqual(new Set(['serin-drain']))
    expect(run.requests.filter(({ operation }) => operation === 'RecordLifecycleActionHeartbeat')).toEqual([])
  })
})

function nodeOf(world: World, name: string | undefined): Node | undefined {
  return name === undefined ? undefined : (world.store.get('Node', undefined, name) as Node | undefined)
}

describe('a node that is drained', () => {
  it('is out of load balancers before its first pod is asked to leave', async () => {
    const early: string[] = []
    let leaving = 0
    const arrange = (world: OpenedWorld) =>
      void world.store.subscribe(({ object }) => {
        const pod = object as unknown as Pod
        if (object.kind !== 'Pod' || pod.metadata.deletionTimestamp === undefined || pod.metadata.namespace === 'kube-system') return
        leaving += 1
        const labels = nodeOf(world, pod.spec?.nodeName)?.metadata.labels ?? {}
        if (labels[EXCLUDE_FROM_BALANCERS_LABEL] === undefined) early.push(pod.metadata.name)
      })
    expectThere(await rehearse({ ...PLAN, change: canaryOnly(), arrange }))
    expect(early).toEqual([])
    expect(leaving).toBeGreaterThan(0)
  })

  it('is terminated only when no volume is attached to it any more', async () => {
    const claim = '{ metadata: { name: files }, spec: { storageClassName: gp2, accessModes: [ReadWriteOnce] } }'
    const mount = 'container: { volumeMounts: [{ name: files, mountPath: /data }] }'
    const store = `  - { kind: StatefulSet, namespace: shop, name: store, replicas: 1, cpu: 200m, nodeSelector: { workload: preview }, spec: { volumeClaimTemplates: [${claim}] }, ${mount} }\n`
    const withVolume = launchingFrom('{ launchTemplate: { name: workers, version: 1 } }', (world) => `${world}${store}`)
    const attached: string[] = []
    let volumes = 0
    const run = await rehearse({
      ...withVolume,
      change: canaryOnly(),
      arrange: (world) =>
        void world.store.subscribe(({ object, type }) => {
          if (object.kind === 'VolumeAttachment' && type === 'DELETED') volumes += 1
          const deleting = object.kind === 'Node' && nodeOf(world, object.metadata.name) === undefined
          const hanging = deleting ? world.store.list('VolumeAttachment').map(({ spec }) => (spec as { nodeName: string }).nodeName) : []
          if (hanging.includes(object.metadata.name)) attached.push(object.metadata.name)
        }),
    })
    expectThere(run)
    expect(volumes).toBeGreaterThan(0)
    expect(attached).toEqual([])
  })
})

/** The driver dies right after its nth change of the Auto Scaling group has got through. */
function dyingAfter(ports: RunPorts, nth: number): RunPorts {
  let count = 0
  const mortal = <A extends readonly unknown[]>(act: (...given: A) => Promise<void>) => {
    return async (...given: A): Promise<void> => {
      await act(...given)
      count += 1
      if (count === nth) throw new Error('the process died')
    }
  }
  const { suspendProcesses, updateGroup, protectInstances, terminateInstance, resumeProcesses } = ports.autoScaling
  return {
    ...ports,
    autoScaling: {
      ...ports.autoScaling,
      suspendProcesses: mortal(suspendProcesses),
      updateGroup: mortal(updateGroup),
      protectInstances: mortal(protectInstances),
      terminateInstance: mortal(terminateInstance),
      resumeProcesses: mortal(resumeProcesses),
    },
  }
}

describe('suspended processes and protection from scale-in', () => {
  const suspended = (world: OpenedWorld) =>
    void othersCall(world, 'SuspendProcesses', { ScalingProcesses: ['AZRebalance', 'ScheduledActions'] })
  const protecting = (world: OpenedWorld) => {
    othersCall(world, 'UpdateAutoScalingGroup', { NewInstancesProtectedFromScaleIn: true })
    const group = othersCall(world, 'DescribeAutoScalingGroups', { AutoScalingGroupNames: ['canary'] }) as {
      AutoScalingGroups: { Instances: { InstanceId: string }[] }[]
    }
    const InstanceIds = group.AutoScalingGroups[0]?.Instances.map(({ InstanceId }) => InstanceId)
    othersCall(world, 'SetInstanceProtection', { InstanceIds, ProtectedFromScaleIn: true })
  }
  const untouched = () => {}
  const rows = [1, 2, 3, 4, 5].flatMap((nth) => [
    { nth, door: 'resume' as const, exit: 'ok', were: 'as usual', arrange: untouched },
    { nth, door: 'rollback' as const, exit: 'rolledBack', were: 'as usual', arrange: untouched },
  ])
  it.each([
    ...rows,
    { nth: 3, door: 'resume' as const, exit: 'ok', were: 'suspended before', arrange: suspended },
    { nth: 3, door: 'resume' as const, exit: 'ok', were: 'protected by the group itself', arrange: protecting },
  ])(
    'are what they were ($were) when the driver dies after its change $nth of the group and a person says $door',
    async ({ nth, door, exit, arrange }) => {
      await withStory({ ...PLAN, change: canaryOnly(), arrange }, async (story) => {
        const ports = dyingAfter(await story.simulation.connect(), nth)
        await expect(applyItinerary(ports, story.prepared.itinerary, driveOptions())).rejects.toThrow('the process died')
        const outcome = outcomeOf(await goOn(story, door, { machine: 'another' }))
        expect(outcome.exit, outcome.summary).toBe(exit)
        expect(leftOver(story.start, await lookAround(story), outcome.byHand)).toEqual([])
      })
    },
  )
})
