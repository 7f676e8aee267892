import { describe, expect, it } from 'vitest'
import { instantOf, MINUTE, SECOND } from '../../../src/model/instant.ts'
import { type Condition, conditionOf } from '../../../src/model/kubernetes.ts'
import type { PodObject } from '../../../src/sandbox/world/kubernetes/objects.ts'
import { isReady } from '../../../src/sandbox/world/kubernetes/objects.ts'
import { statusOf } from '../../../src/sandbox/world/kubernetes/pod-status.ts'
import { openStage, type ScenarioData, type Stage } from '../signatures/stage.ts'

/** The base world with a CNI of this version and environment, and with faults. */
function stageOf(version: string, env: Readonly<Record<string, string>> = {}, ...faults: readonly Record<string, unknown>[]): Stage {
  return openStage(scenario({ addons: { 'vpc-cni': { version, configuration: { env } } } }, faults))
}

function scenario(world: Record<string, unknown>, faults: readonly Record<string, unknown>[]): ScenarioData {
  return { apiVersion: 'serin.dev/v1alpha1', kind: 'Scenario', metadata: { name: 'test', summary: 'test' }, world, faults }
}

const awsNodes = (stage: Stage) => stage.pods('kube-system', 'aws-node')
const container = (pod: PodObject) => statusOf(pod, 'aws-node')
const logOf = (stage: Stage, pod: PodObject, previous = false) => stage.world.logs('kube-system', pod.metadata.name, 'aws-node', previous)
const SILENT_KUBE_PROXY = { fault: 'service-network-late', where: {} }
const STDOUT = { AWS_VPC_K8S_CNI_LOG_FILE: 'stdout' }

function restarted(stage: Stage, span: number): readonly PodObject[] {
  stage.restartAwsNodes()
  stage.pass(span)
  return awsNodes(stage)
}

describe('the entrypoint refuses an environment', () => {
  it.each<{ readonly env: Readonly<Record<string, string>>; readonly says: string }>([
    { env: { AWS_VPC_K8S_PLUGIN_LOG_FILE: 'stdout' }, says: 'AWS_VPC_K8S_PLUGIN_LOG_FILE cannot be set to stdout' },
    { env: { AWS_VPC_K8S_CNI_VETHPREFIX: 'veths' }, says: 'AWS_VPC_K8S_CNI_VETHPREFIX cannot be longer than 4 characters' },
    {
      env: { AWS_VPC_K8S_CNI_VETHPREFIX: 'eth' },
      says: "AWS_VPC_K8S_CNI_VETHPREFIX cannot be set to reserved values 'eth', 'vlan', or 'lo'",
    },
    { env: { AWS_VPC_ENI_MTU: '575' }, says: 'AWS_VPC_ENI_MTU cannot be less than 576 or greater than 9001 in IPv4. 575 is invalid' },
    { env: { POD_MTU: 'large' }, says: 'POD_MTU MUST be a valid integer. large is invalid' },
    { env: { IP_COOLDOWN_PERIOD: '-1' }, says: 'IP_COOLDOWN_PERIOD MUST be a valid positive integer. -1 is invalid' },
    { env: { ENABLE_PREFIX_DELEGATION: 'true', WARM_PREFIX_TARGET: '0' }, says: 'Setting WARM_PREFIX_TARGET = 0 is not supported while' },
  ])('$says', ({ env, says }) => {
    const stage = stageOf('v1.21.1-eksbuild.7', env)
    for (const pod of restarted(stage, 2 * MINUTE)) {
      expect(container(pod)).toMatchObject({ ready: false, lastState: { terminated: { exitCode: 1, reason: 'Error' } } })
      expect(logOf(stage, pod, true)).toMatch(new RegExp(`^time="[^"]+" level=error msg="${says.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`))
      expect(logOf(stage, pod, true)).not.toContain('Installed')
    }
  })

  it('but not one that its version does not look at', () => {
    expect(restarted(stageOf('v1.14.1-eksbuild.1', { IP_COOLDOWN_PERIOD: '-1' }), MINUTE).every(isReady)).toBe(true)
  })
})

describe('ipamd and the API server', () => {
  it.each<{ readonly title: string; readonly version: string; readonly env: Readonly<Record<string, string>>; readonly ready: boolean }>([
    { title: 'up to v1.19.3 it waits without end', version: 'v1.19.3-eksbuild.1', env: {}, ready: false },
    { title: 'since v1.19.4 it goes on after 30 s', version: 'v1.19.5-eksbuild.1', env: {}, ready: true },
    { title: 'but not with pod annotations', version: 'v1.19.5-eksbuild.1', env: { ANNOTATE_POD_IP: 'true' }, ready: false },
    {
      title: 'CLUSTER_ENDPOINT leads around kube-proxy',
      version: 'v1.18.3-eksbuild.3',
      env: { CLUSTER_ENDPOINT: 'https://x' },
      ready: true,
    },
  ])('$title', ({ version, env, ready }) => {
    const stage = stageOf(version, env, SILENT_KUBE_PROXY)
    expect(restarted(stage, 70 * SECOND).map(isReady)).toEqual([ready, ready, ready, ready])
    stage.pass(10 * MINUTE)
    expect(awsNodes(stage).map(isReady)).toEqual([ready, ready, ready, ready])
  })

  it('without it, what IAM refuses is told to nobody', () => {
    const denied = { fault: 'role-lacks-action', where: { role: 'aws-node' }, actions: ['ec2:DescribeSubnets'] }
    const reasons = (stage: Stage) => restarted(stage, 2 * MINUTE).flatMap((pod) => stage.events(pod).map(({ reason }) => reason))
    expect(reasons(stageOf('v1.21.1-eksbuild.7', {}, denied))).toContain('MissingIAMPermissions')
    expect(reasons(stageOf('v1.21.1-eksbuild.7', {}, denied, SILENT_KUBE_PROXY))).not.toContain('MissingIAMPermissions')
  })
})

describe('what a role lacks', () => {
  const lacks = (...actions: readonly string[]) => ({ fault: 'role-lacks-action', where: { role: 'aws-node' }, actions })
  it.each([
    { title: 'security groups matter to v1.22.1', version: 'v1.22.1-eksbuild.2', action: 'ec2:DescribeSecurityGroups', ready: false },
    { title: 'and not to v1.22.2', version: 'v1.22.2-eksbuild.1', action: 'ec2:DescribeSecurityGroups', ready: true, silent: true },
    { title: 'subnets are only missed in IPv4 clusters', version: 'v1.22.4-eksbuild.3', action: 'ec2:DescribeSubnets', ready: true },
    {
      title: 'nor are they looked for before v1.18.0',
      version: 'v1.17.1-eksbuild.1',
      action: 'ec2:DescribeSubnets',
      ready: true,
      silent: true,
    },
    { title: 'interfaces always matter', version: 'v1.18.3-eksbuild.3', action: 'ec2:DescribeNetworkInterfaces', ready: false },
    { title: 'tags too', version: 'v1.18.3-eksbuild.3', action: 'ec2:CreateTags', ready: false },
    {
      title: 'types that are in the table are not asked for',
      version: 'v1.18.3-eksbuild.3',
      action: 'ec2:DescribeInstanceTypes',
      ready: true,
      silent: true,
    },
  ])('$title', ({ version, action, ready, silent = false }) => {
    const stage = stageOf(version, {}, lacks(action))
    const pods = restarted(stage, MINUTE)
    expect(pods.map(isReady)).toEqual(pods.map(() => ready))
    const told = pods.map((pod) => stage.events(pod).filter(({ reason }) => reason === 'MissingIAMPermissions'))
    expect(told.map((events) => events.map((event) => (event as { action?: unknown }).action))).toEqual(
      pods.map(() => (silent ? [] : [action])),
    )
  })
})

describe('the liveness probe', () => {
  it.each([
    { version: 'v1.11.4-eksbuild.1', exitCode: 137 },
    { version: 'v1.12.6-eksbuild.2', exitCode: 2 },
  ])('kills a start of $version that hangs 80 to 100 s after it began, with exit code $exitCode', ({ version, exitCode }) => {
    const stage = stageOf(version, {}, { fault: 'ipam-hang' })
    const ends = restarted(stage, 2 * MINUTE).map((pod) => container(pod)?.lastState?.terminated)
    for (const end of ends) {
      const took = (instantOf(end?.finishedAt) ?? 0) - (instantOf(end?.startedAt) ?? 0)
      expect(end?.exitCode).toBe(exitCode)
      expect(took).toBeGreaterThanOrEqual(80 * SECOND)
      expect(took).toBeLessThanOrEqual(100 * SECOND)
    }
    expect(new Set(ends.map((end) => end?.finishedAt)).size).toBeGreaterThan(1)
  })
})

describe('ipamd.log', () => {
  it('is the file of the node, unless it is stdout', () => {
    const forbidden = { fault: 'rbac-lacks-verb', where: { user: '*:aws-node' }, verbs: ['watch'], resources: ['nodes'] }
    const [quiet, loud] = [{}, STDOUT].map((env) => stageOf('v1.21.1-eksbuild.7', env, forbidden)) as [Stage, Stage]
    const told = (stage: Stage) => restarted(stage, 30 * SECOND).map((pod) => /cannot watch resource/.test(logOf(stage, pod) ?? ''))
    expect(told(quiet)).toEqual([false, false, false, false])
    expect(told(loud)).toEqual([true, true, true, true])
  })
})

describe('the node monitoring agent', () => {
  const AGENT = { 'eks-node-monitoring-agent': { version: 'v1.4.0-eksbuild.2' } }
  const networking = (stage: Stage) =>
    stage.nodes().map(({ status }) => conditionOf(status?.conditions as readonly Condition[] | undefined, 'NetworkingReady'))

  it('says of every node that its systems are well, and only where it is installed', () => {
    const stage = openStage(scenario({ addons: AGENT }, []))
    stage.launchNodes()
    expect(networking(stage)).toHaveLength(8)
    for (const condition of networking(stage))
      expect(condition).toMatchObject({
        status: 'True',
        reason: 'NetworkingIsReady',
        message: 'Monitoring for the Networking system is active',
      })
    expect(networking(openStage())).toEqual([undefined, undefined, undefined, undefined])
  })

  it.each([
    { title: 'reads that the API server is out of reach, and keeps it', fault: SILENT_KUBE_PROXY, reason: 'IPAMDNotReady' },
    {
      title: 'finds that ipamd has ended',
      fault: { fault: 'role-lacks-action', where: { role: 'aws-node' }, actions: ['ec2:CreateTags'] },
      reason: 'IPAMDNotRunning',
    },
  ])('$title', ({ fault, reason }) => {
    const stage = openStage(scenario({ addons: AGENT }, [fault]))
    stage.restartAwsNodes()
    stage.pass(2 * MINUTE)
    for (const condition of networking(stage)) expect(condition).toMatchObject({ status: 'False', reason })
  })
})
