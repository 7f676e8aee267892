import { describe, expect, it } from 'vitest'
import { captureSnapshot } from '../../../src/engine/capture.ts'
import { SerinError } from '../../../src/errors/serin-error.ts'
import type { KubernetesObject, Pod } from '../../../src/model/kubernetes.ts'
import { whyUnavailable } from '../../../src/model/snapshot.ts'
import type { ClusterPorts } from '../../../src/ports/ports.ts'

const NOW = Date.parse('2026-11-23T10:00:00Z')
const denied = (operation: string) => async (): Promise<never> => {
  throw new SerinError('REMOTE_DENIED', `${operation}: not allowed`, { operation, remoteCode: 'UnauthorizedOperation' })
}
const listed = (...versions: readonly string[]) =>
  versions.map((addonVersion, index) => ({ addonVersion, compatibilities: [{ clusterVersion: '1.33', defaultVersion: index === 1 }] }))

/** A small healthy cluster behind the ports; `asked` tells what was asked of it. */
function cluster() {
  const asked: string[] = []
  const logs: string[] = []
  const objects: Record<string, readonly KubernetesObject[]> = {
    nodes: [{ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' } }],
    pods: [awsNodePod('aws-node-ok', 'True', 0), awsNodePod('aws-node-sick', 'False', 2)],
  }
  const note = <T>(name: string, value: T) => {
    asked.push(name)
    return Promise.resolve(value)
  }
  const ports: ClusterPorts = {
    clock: { now: () => NOW, sleepUntil: async () => {} },
    account: {
      callerIdentity: () => note('sts:GetCallerIdentity', { Account: '111122223333', Arn: 'arn:aws:iam::111122223333:user/lena' }),
      quota: (_, QuotaCode) => note(`quota ${QuotaCode}`, { QuotaCode, Value: 64 }),
      credentials: async () => ({ session: false, renewable: true }),
      clockOffset: () => 0,
      parameter: (name) => note(name, name.endsWith('image_id') ? undefined : { Name: name, Value: '1.33.5-20261101' }),
    },
    eks: eksSide(note),
    autoScaling: scalingSide(note),
    cloudWatch: {
      alarms: (names) =>
        note(
          `alarms ${names.join()}`,
          names.map((AlarmName) => ({ AlarmName, StateValue: 'OK' })),
        ),
    },
    iam: { role: async () => undefined, statementsOf: forbidden, simulate: async () => [] },
    ec2: ec2Side(note),
    kubernetes: {
      server: { endpoint: 'https://api.example', certificateAuthorityData: 'Q0E=' },
      list: async <T extends KubernetesObject>(resource: { plural: string }) =>
        note(resource.plural, (objects[resource.plural] ?? []) as readonly T[]),
      get: (resource, namespace, name) => note(`${resource.plural} ${namespace}/${name}`, undefined),
      review: async (resource, question) => note(resource.plural, { ...question, status: { allowed: true } }),
      create: forbidden,
      replace: forbidden,
      tryPatch: (_, namespace, name) => note(`dry run ${namespace}/${name}`, undefined),
      patch: forbidden,
      remove: forbidden,
      evict: forbidden,
      logs: async (namespace, pod, container, { previous }) => {
        logs.push(`${namespace}/${pod}/${container}${previous ? ' previous' : ''}`)
        return 'Checking for IPAM connectivity ... Bearer abcdefghijkl\n'
      },
      askPod: forbidden,
      version: () => note('version', 'v1.33.5-eks-113cf36'),
    },
  }
  return { ports, asked, logs, objects }
}

type Note = <T>(name: string, value: T) => Promise<T>

function eksSide(note: Note): ClusterPorts['eks'] {
  return {
    describeCluster: (name) =>
      note('cluster', { name, version: '1.33', status: 'ACTIVE', resourcesVpcConfig: { subnetIds: ['subnet-1'] } }),
    listNodegroups: () => note('groups', ['b', 'a']),
    describeNodegroup: (_, name) =>
      note(`group ${name}`, {
        nodegroupName: name,
        version: '1.32',
        amiType: 'AL2023_x86_64_STANDARD',
        instanceTypes: ['m5.large'],
        subnets: ['subnet-1', 'subnet-2'],
        launchTemplate: { id: 'lt-1', version: '3' },
        resources: { autoScalingGroups: [{ name: `asg-${name}` }] },
      }),
    listAddons: () => note('addons', ['vpc-cni']),
    describeAddon: () =>
      note('addon', { addonName: 'vpc-cni', addonVersion: 'v1.18.3-eksbuild.3', configurationValues: '{"token": "abcdefghij"}' }),
    describeAddonVersions: (addonName) =>
      note('versions', {
        addonName,
        addonVersions: listed(
          'v1.20.4-eksbuild.1',
          'v1.19.6-eksbuild.7',
          'v1.19.6-eksbuild.1',
          'v1.18.5-eksbuild.1',
          'v1.18.3-eksbuild.3',
          'v1.17.1-eksbuild.1',
        ),
      }),
    describeAddonConfiguration: (addonName, addonVersion) =>
      note(`schema ${addonVersion}`, { addonName, addonVersion, configurationSchema: '{}' }),
    listUpdates: (_, of) => note(`updates ${of.nodegroup ?? of.addon ?? 'cluster'}`, of.nodegroup === 'a' ? ['u4', 'u3', 'u2', 'u1'] : []),
    describeUpdate: (_, id) => note(`update ${id}`, { id, status: 'InProgress', nodegroupName: 'a' }),
    listInsights: () => note('insights', []),
    describeInsight: forbidden,
    startInsightsRefresh: forbidden,
    insightsRefreshStatus: forbidden,
    describePodIdentityAssociation: forbidden,
    updateNodegroupVersion: forbidden,
    updateNodegroupConfig: forbidden,
    updateAddon: forbidden,
    updateClusterVersion: forbidden,
    cancelUpdate: forbidden,
    createNodegroup: forbidden,
    deleteNodegroup: forbidden,
  }
}

function scalingSide(note: Note): ClusterPorts['autoScaling'] {
  return {
    describeGroups: (names) =>
      note(
        `scaling ${names.join()}`,
        names.map((AutoScalingGroupName) => ({
          AutoScalingGroupName,
          VPCZoneIdentifier: 'subnet-2,subnet-3',
          LaunchTemplate: { LaunchTemplateId: 'lt-eks', Version: '7' },
          Instances: [{ InstanceId: 'i-1', InstanceType: 'm5.xlarge', ImageId: 'ami-1' }],
        })),
      ),
    describeInstanceRefreshes: (AutoScalingGroupName) => note(`refreshes ${AutoScalingGroupName}`, [{ AutoScalingGroupName }]),
    describeGroupsByTag: forbidden,
    describeScalingActivities: forbidden,
    describeLifecycleHooks: forbidden,
    describeLaunchConfigurations: forbidden,
    setMaxSize: forbidden,
    createGroup: forbidden,
    deleteGroup: forbidden,
    tagGroup: forbidden,
    updateGroup: forbidden,
    terminateInstance: forbidden,
    protectInstances: forbidden,
    suspendProcesses: forbidden,
    resumeProcesses: forbidden,
    completeLifecycleAction: forbidden,
  }
}

function ec2Side(note: Note): ClusterPorts['ec2'] {
  return {
    describeSubnets: (ids) =>
      note(
        `subnets ${ids.join()}`,
        ids.map((SubnetId) => ({ SubnetId })),
      ),
    describeSecurityGroups: (ids) => note(`security groups ${ids.join()}`, []),
    describeNetworkInterfaces: (ids) => note(`interfaces ${ids.join()}`, []),
    describeInstanceTypes: (types) =>
      note(
        `types ${types.join()}`,
        types.map((InstanceType) => ({ InstanceType })),
      ),
    describeImages: (ids) =>
      note(
        `images ${ids.join()}`,
        ids.map((ImageId) => ({ ImageId, BlockDeviceMappings: [] })),
      ),
    subnetCidrReservations: (SubnetId) => note(`reservations ${SubnetId}`, [{ SubnetId }]),
    countInstances: () => note('instances', [{ InstanceType: 'm5.large', InstanceLifecycle: 'on-demand', Count: 2, VCpus: 4 }]),
    describeLaunchTemplateVersions: (id, versions) =>
      note(`template ${id} ${versions.join()}`, [
        { LaunchTemplateId: id, VersionNumber: 3 },
        { LaunchTemplateId: id, VersionNumber: 3 },
      ]),
  }
}

async function forbidden(): Promise<never> {
  throw new Error('a snapshot only looks')
}

function awsNodePod(name: string, ready: string, restartCount: number): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'kube-system', labels: { 'k8s-app': 'aws-node' } },
    status: {
      conditions: [{ type: 'Ready', status: ready }],
      containerStatuses: [
        { name: 'aws-node', restartCount, state: { running: {} } },
        { name: 'aws-eks-nodeagent', restartCount: 0, state: { waiting: { reason: 'PodInitializing' } } },
      ],
    },
  }
}

describe('one pass', () => {
  it('reads what stands behind the groups, each name once and in order', async () => {
    const { ports, asked } = cluster()
    const snapshot = await captureSnapshot(ports, 'shop')
    expect(snapshot).toMatchObject({
      apiVersion: 'serin.dev/v1alpha1',
      kind: 'ClusterSnapshot',
      capturedAt: '2026-11-23T10:00:00.000Z',
      unavailable: [],
    })
    expect(snapshot.aws.nodegroups?.map(({ nodegroupName }) => nodegroupName)).toEqual(['a', 'b'])
    expect(asked).toEqual(
      expect.arrayContaining([
        'scaling asg-a,asg-b',
        'subnets subnet-1,subnet-2,subnet-3',
        'interfaces subnet-1,subnet-2,subnet-3',
        'types m5.large,m5.xlarge',
        'template lt-1 3,$Latest,$Default',
        'template lt-eks 7',
        'refreshes asg-a',
        'reservations subnet-3',
        'quota L-1216C47A',
        'instances',
        'images ami-1',
      ]),
    )
    expect(snapshot.aws.launchTemplateVersions).toEqual([
      { LaunchTemplateId: 'lt-1', VersionNumber: 3 },
      { LaunchTemplateId: 'lt-eks', VersionNumber: 3 },
    ])
    expect(snapshot.aws.images).toEqual([{ ImageId: 'ami-1' }])
    expect(snapshot.kubernetes.server).toEqual({
      endpoint: 'https://api.example',
      certificateAuthorityData: 'Q0E=',
      version: 'v1.33.5-eks-113cf36',
    })
  })

  it('reads the subnets that ENIConfigs name beside those of the groups', async () => {
    const { ports, asked, objects } = cluster()
    const spec = { subnet: 'subnet-pods' }
    objects.eniconfigs = [
      { apiVersion: 'crd.k8s.amazonaws.com/v1alpha1', kind: 'ENIConfig', metadata: { name: 'a' }, spec } as KubernetesObject,
    ]
    const { aws } = await captureSnapshot(ports, 'shop')
    expect(aws.subnets?.map(({ SubnetId }) => SubnetId)).toEqual(['subnet-1', 'subnet-2', 'subnet-3', 'subnet-pods'])
    expect(asked).toEqual(expect.arrayContaining(['interfaces subnet-pods', 'reservations subnet-pods']))
  })

  it('keeps why a dry run was refused, and nothing of the pod that the API server shows beside it', async () => {
    const { ports, objects } = cluster()
    const containers = [{ name: 'db', resources: { limits: { 'vpc.amazonaws.com/pod-eni': '1' } } }]
    const env = [{ name: 'ENABLE_POD_ENI', value: 'true' }]
    objects.daemonsets = [
      {
        apiVersion: 'apps/v1',
        kind: 'DaemonSet',
        metadata: { name: 'aws-node', namespace: 'kube-system' },
        spec: { template: { spec: { containers: [{ name: 'aws-node', env }] } } },
      } as KubernetesObject,
    ]
    objects.pods = [
      { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'db-0', namespace: 'shop' }, spec: { containers } } as KubernetesObject,
    ]
    const asked: (string | undefined)[] = []
    const tryPatch = async (...[, , , , asUser]: Parameters<ClusterPorts['kubernetes']['tryPatch']>): Promise<never> => {
      asked.push(asUser)
      if (asUser !== undefined) throw new SerinError('REMOTE_DENIED', 'may not impersonate', { status: 403 })
      const shown = 'pod updates may not change fields other than `image`\n  core.PodSpec{ Env: [{PASSWORD hunter2hunter2}]'
      throw new SerinError('REMOTE_REFUSED', shown, { status: 422 })
    }
    const snapshot = await captureSnapshot({ ...ports, kubernetes: { ...ports.kubernetes, tryPatch } }, 'shop')
    expect(asked).toEqual(['eks:vpc-resource-controller', undefined])
    expect(snapshot.kubernetes.updateProbes).toEqual([
      { namespace: 'shop', pod: 'db-0', accepted: false, message: 'pod updates may not change fields other than …' },
    ])
  })

  it('reads the schemas that hops from the installed to the newest version can need', async () => {
    const { ports } = cluster()
    const snapshot = await captureSnapshot(ports, 'shop', { addonTargets: { 'vpc-cni': ['v1.17.1-eksbuild.1'] } })
    expect(snapshot.aws.addonConfigurations?.map(({ addonVersion }) => addonVersion)).toEqual([
      'v1.17.1-eksbuild.1',
      'v1.18.3-eksbuild.3',
      'v1.18.5-eksbuild.1',
      'v1.19.6-eksbuild.7',
      'v1.20.4-eksbuild.1',
    ])
  })

  it('reads the newest updates of cluster, groups and add-ons', async () => {
    const { ports, asked } = cluster()
    const snapshot = await captureSnapshot(ports, 'shop')
    expect(asked.filter((name) => name.startsWith('updates ')).sort()).toEqual([
      'updates a',
      'updates b',
      'updates cluster',
      'updates vpc-cni',
    ])
    expect(snapshot.aws.updates?.map(({ id }) => id)).toEqual(['u4', 'u3', 'u2'])
  })

  it('reads the releases of the AMI types at the minors of the groups and of the cluster', async () => {
    const { ports } = cluster()
    const snapshot = await captureSnapshot(ports, 'shop')
    expect(snapshot.aws.ssmParameters?.map(({ Name }) => Name)).toEqual([
      '/aws/service/eks/optimized-ami/1.32/amazon-linux-2023/x86_64/standard/recommended/release_version',
      '/aws/service/eks/optimized-ami/1.33/amazon-linux-2023/x86_64/standard/recommended/release_version',
    ])
  })
})

describe('what goes into a snapshot', () => {
  it('reads logs only of aws-node pods that are not ready, redacted, and of containers that ever ran', async () => {
    const { ports, logs } = cluster()
    const snapshot = await captureSnapshot(ports, 'shop')
    expect(logs).toEqual(['kube-system/aws-node-sick/aws-node', 'kube-system/aws-node-sick/aws-node previous'])
    expect(snapshot.logs?.[0]?.text).toBe('Checking for IPAM connectivity ... Bearer [redacted]\n')
  })

  it('never asks for Secrets, and of ConfigMaps only for what CNI and kube-proxy are told and the record of an open run', async () => {
    const { ports, asked } = cluster()
    expect((await captureSnapshot(ports, 'shop')).openRun).toBeNull()
    expect(asked.filter((what) => what.startsWith('secrets') || what.startsWith('configmaps'))).toEqual([
      'configmaps kube-system/amazon-vpc-cni',
      'configmaps kube-system/serin-run',
      'configmaps kube-system/kube-proxy-config',
    ])
  })

  it('keeps the configuration of an add-on word for word: it is sent back as it is', async () => {
    const { ports } = cluster()
    expect((await captureSnapshot(ports, 'shop')).aws.addons?.[0]?.configurationValues).toBe('{"token": "abcdefghij"}')
  })

  it('leaves out ReplicaSets that are only history', async () => {
    const { ports, objects } = cluster()
    const owner = { kind: 'Deployment', name: 'web' }
    const replicaSet = (name: string, replicas: number) =>
      ({ apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: { name, ownerReferences: [owner] }, spec: { replicas } }) as KubernetesObject
    objects.replicasets = [replicaSet('old', 0), replicaSet('now', 3)]
    const { kubernetes } = await captureSnapshot(ports, 'shop')
    expect(kubernetes.items?.filter(({ kind }) => kind === 'ReplicaSet').map(({ metadata }) => metadata.name)).toEqual(['now'])
  })

  it.each([1, 3])('asks at most %i questions at a time', async (concurrency) => {
    const { ports } = cluster()
    let running = 0
    let most = 0
    const describeNodegroup: ClusterPorts['eks']['describeNodegroup'] = async (_, nodegroupName) => {
      running += 1
      most = Math.max(most, running)
      await new Promise((resolve) => setImmediate(resolve))
      running -= 1
      return { nodegroupName }
    }
    const listNodegroups = async () => Array.from({ length: 12 }, (_, index) => `g${index}`)
    const snapshot = await captureSnapshot({ ...ports, eks: { ...ports.eks, describeNodegroup, listNodegroups } }, 'shop', { concurrency })
    expect(most).toBe(concurrency)
    expect(snapshot.aws.nodegroups).toHaveLength(12)
  })
})

describe('what may not be read', () => {
  it('is named with the reason, and the pass goes on', async () => {
    const { ports } = cluster()
    const snapshot = await captureSnapshot(
      {
        ...ports,
        ec2: { ...ports.ec2, describeSubnets: denied('ec2:DescribeSubnets') },
        eks: { ...ports.eks, listInsights: denied('eks:ListInsights'), listAddons: denied('eks:ListAddons') },
        kubernetes: { ...ports.kubernetes, logs: denied('kubernetes:GET log'), version: denied('kubernetes:GET /version') },
      },
      'shop',
    )
    expect(snapshot.unavailable?.map(({ source, reason }) => `${source} ${reason}`)).toEqual([
      'ec2:DescribeSubnets UnauthorizedOperation',
      'eks:ListAddons UnauthorizedOperation',
      'eks:ListInsights UnauthorizedOperation',
      'kubernetes:server UnauthorizedOperation',
      'logs:kube-system/aws-node-sick UnauthorizedOperation',
      'logs:kube-system/aws-node-sick UnauthorizedOperation',
    ])
    expect(snapshot.aws.subnets).toBeUndefined()
    expect(snapshot.aws.addons).toBeUndefined()
    expect(snapshot.kubernetes.server).toBeUndefined()
    expect(snapshot.aws.nodegroups).toHaveLength(2)
    expect(whyUnavailable(snapshot, 'logs:*')).toMatchObject({ reason: 'UnauthorizedOperation' })
  })

  it('names one group that cannot be read, and keeps the others', async () => {
    const { ports } = cluster()
    const describeNodegroup: ClusterPorts['eks']['describeNodegroup'] = (name, group) =>
      group === 'a' ? denied('eks:DescribeNodegroup')() : ports.eks.describeNodegroup(name, group)
    const snapshot = await captureSnapshot({ ...ports, eks: { ...ports.eks, describeNodegroup } }, 'shop')
    expect(snapshot.aws.nodegroups?.map(({ nodegroupName }) => nodegroupName)).toEqual(['b'])
    expect(snapshot.unavailable).toMatchObject([{ source: 'eks:DescribeNodegroup' }])
  })

  it('is an error when it is the cluster itself', async () => {
    const { ports } = cluster()
    const blind = { ...ports, eks: { ...ports.eks, describeCluster: denied('eks:DescribeCluster') } }
    await expect(captureSnapshot(blind, 'shop')).rejects.toMatchObject({ code: 'REMOTE_DENIED' })
  })

  it('does not hide a defect', async () => {
    const { ports } = cluster()
    const broken = async () => {
      throw new TypeError('undefined is not a function')
    }
    await expect(captureSnapshot({ ...ports, eks: { ...ports.eks, listInsights: broken } }, 'shop')).rejects.toThrow(TypeError)
  })
})
