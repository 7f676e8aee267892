import { describe, expect, it } from 'vitest'
import { redactObject, redactTexts } from '../../../src/engine/redact.ts'
import type { KubernetesObject } from '../../../src/model/kubernetes.ts'
import { REDACTED, redactText } from '../../../src/model/secret-text.ts'

const JWT = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJzeXN0ZW0ifQ.c2lnbmF0dXJl'

it.each([
  ['a token of EKS', 'bearer k8s-aws-v1.aHR0cHM6Ly9zdHMuYW1hem9uYXdz', `bearer ${REDACTED}`],
  ['a service account token', `token ${JWT} seen`, `token ${REDACTED} seen`],
  ['an access key id', 'by AKIAIOSFODNN7EXAMPLE today', `by ${REDACTED} today`],
  ['a temporary access key id', 'ASIAIOSFODNN7EXAMPLE', REDACTED],
  ['an authorization header', 'Authorization: Bearer abcdefgh.ijkl', `Authorization: Bearer ${REDACTED}`],
  ['a signed URL', 'GET /?X-Amz-Date=1&X-Amz-Signature=deadbeef01&a=b', `GET /?X-Amz-Date=1&X-Amz-Signature=${REDACTED}&a=b`],
  ['a password in a URL', 'postgres://app:hunter22@db.example:5432/shop', `postgres://app:${REDACTED}@db.example:5432/shop`],
  ['a password as a flag', '--password=hunter222', `--password=${REDACTED}`],
  ['a key as JSON', '{"api_key": "0123456789"}', `{"api_key": "${REDACTED}"}`],
  ['a private key', 'x -----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY----- y', `x ${REDACTED} y`],
  ['a token of GitHub', `ghp_${'a'.repeat(36)}`, REDACTED],
])('takes %s out of a text', (_title, text, expected) => {
  expect(redactText(text)).toBe(expected)
})

it.each([
  'Checking for IPAM connectivity ... ',
  'Successfully copied CNI plugin binary and config file.',
  '602401143452.dkr.ecr.eu-central-1.amazonaws.com/amazon-k8s-cni:v1.18.3-eksbuild.3',
  'arn:aws:eks:eu-central-1:111122223333:cluster/shop',
  'Back-off pulling image "nginx": token expired',
  'MountVolume.SetUp failed for volume "certs" : secret "tls-shop" not found',
])('leaves as it is: %s', (text) => {
  expect(redactText(text)).toBe(text)
})

it('reaches every text of a value but those under named members', () => {
  const value = { a: [{ b: JWT }], keep: { c: JWT }, n: 1, z: null }
  expect(redactTexts(value, ['keep'])).toEqual({ a: [{ b: REDACTED }], keep: { c: JWT }, n: 1, z: null })
})

const container = {
  name: 'web',
  image: 'shop/web:1',
  command: ['sh', '-c', 'run'],
  args: ['--password=hunter222'],
  env: [
    { name: 'DB_PASSWORD', value: 'hunter222' },
    { name: 'FROM', valueFrom: { secretKeyRef: { name: 'db', key: 'password' } } },
  ],
  livenessProbe: { httpGet: { httpHeaders: [{ name: 'Authorization', value: 'Basic abc' }] } },
  lifecycle: { preStop: { exec: { command: ['drain', 'hunter222'] } } },
  resources: { requests: { cpu: '100m' } },
}
const REDACTED_CONTAINER = {
  name: 'web',
  image: 'shop/web:1',
  env: [{ name: 'DB_PASSWORD' }, { name: 'FROM', valueFrom: { secretKeyRef: { name: 'db', key: 'password' } } }],
  resources: { requests: { cpu: '100m' } },
}
it.each([
  ['as arguments', { args: ['--v=4', '--nodes=1:8:eks-app', '--token=--nodes=1:2:x'] }],
  ['as its command', { command: ['./cluster-autoscaler', '--nodes', '1:8:eks-app', '--cloud-config=/secret'] }],
])('of Cluster Autoscaler only the groups stay that it is told %s', (_title, said) => {
  const image = 'registry.k8s.io/autoscaling/cluster-autoscaler:v1.33.0'
  const pod = { kind: 'Pod', metadata: { name: 'a' }, spec: { containers: [{ name: 'a', image, ...said }] } } as unknown as KubernetesObject
  expect(redactObject(pod)).toMatchObject({ spec: { containers: [{ name: 'a', image, args: ['--nodes=1:8:eks-app'] }] } })
})

const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': '{"password":"hunter222"}', team: 'shop' }
const managedFields = [{ manager: 'eks', operation: 'Apply', fieldsV1: { 'f:spec': {} } }]
const object = (kind: string, more: object, metadata: object = {}): KubernetesObject =>
  ({ apiVersion: 'v1', kind, metadata: { name: 'web', namespace: 'shop', ...metadata }, ...more }) as KubernetesObject

describe('an object in a snapshot', () => {
  it('is never a Secret', () => {
    expect(redactObject(object('Secret', { data: { password: 'aHVudGVyMg==' } }))).toBeUndefined()
  })

  it.each([['containers'], ['initContainers'], ['ephemeralContainers']])(
    'has no environment values, commands, arguments or what probes ask in its %s',
    (list) => {
      expect(redactObject(object('Pod', { spec: { nodeName: 'n1', [list]: [container] } }))).toMatchObject({
        spec: { nodeName: 'n1', [list]: [REDACTED_CONTAINER] },
      })
      expect(JSON.stringify(redactObject(object('Pod', { spec: { [list]: [container] } })))).not.toMatch(/hunter|Basic/)
    },
  )

  it.each(['Deployment', 'StatefulSet', 'ReplicaSet', 'DaemonSet'])('of kind %s has a redacted template', (kind) => {
    const redacted = redactObject(
      object(kind, { spec: { replicas: 3, template: { metadata: { annotations }, spec: { containers: [container] } } } }),
    )
    expect(redacted).toMatchObject({
      spec: { replicas: 3, template: { metadata: { annotations: { team: 'shop' } }, spec: { containers: [REDACTED_CONTAINER] } } },
    })
    expect(JSON.stringify(redacted)).not.toContain('hunter')
  })

  it('has neither managedFields nor the last-applied annotation', () => {
    expect(redactObject(object('Node', {}, { annotations, managedFields }))?.metadata).toEqual({
      name: 'web',
      namespace: 'shop',
      annotations: { team: 'shop' },
    })
  })

  it('keeps which claims a pod mounts, and of other volumes only what they are', () => {
    const volumes = [
      { name: 'data', persistentVolumeClaim: { claimName: 'data-db-0' } },
      { name: 'storage', csi: { driver: 'x', volumeAttributes: { key: 'hunter222' } } },
    ]
    expect(redactObject(object('Pod', { spec: { volumes } }))).toMatchObject({
      spec: {
        volumes: [
          { name: 'data', persistentVolumeClaim: { claimName: 'data-db-0' } },
          { name: 'storage', csi: {} },
        ],
      },
    })
  })
})

describe('aws-node', () => {
  const awsNode = { name: 'aws-node', args: ['start'], env: [{ name: 'WARM_ENI_TARGET', value: '1' }] }

  it('keeps environment and arguments, and the names of who manages its fields', () => {
    const daemonSet = object(
      'DaemonSet',
      { spec: { template: { spec: { containers: [awsNode] } } } },
      { name: 'aws-node', namespace: 'kube-system', annotations, managedFields },
    )
    expect(redactObject(daemonSet)).toEqual({
      apiVersion: 'v1',
      kind: 'DaemonSet',
      metadata: {
        name: 'aws-node',
        namespace: 'kube-system',
        annotations: { team: 'shop' },
        managedFields: [{ manager: 'eks', operation: 'Apply', fieldsV1: { 'f:spec': {} } }],
      },
      spec: { template: { spec: { containers: [awsNode] } } },
    })
  })

  it('keeps them in its pods too', () => {
    const owner = { kind: 'DaemonSet', name: 'aws-node' }
    const pod = object('Pod', { spec: { containers: [awsNode] } }, { namespace: 'kube-system', ownerReferences: [owner] })
    expect(redactObject(pod)).toMatchObject({ spec: { containers: [awsNode] } })
  })

  it('is only what stands in kube-system: a pod that takes its name elsewhere is redacted', () => {
    const pod = object(
      'Pod',
      { spec: { containers: [container] } },
      { name: 'aws-node', ownerReferences: [{ kind: 'DaemonSet', name: 'aws-node' }] },
    )
    expect(JSON.stringify(redactObject(pod))).not.toContain('hunter')
  })

  it('has no tokens in its environment either', () => {
    const daemonSet = object(
      'DaemonSet',
      { spec: { template: { spec: { containers: [{ name: 'aws-node', env: [{ name: 'T', value: JWT }] }] } } } },
      { name: 'aws-node', namespace: 'kube-system' },
    )
    expect(JSON.stringify(redactObject(daemonSet))).not.toContain(JWT)
  })
})

describe('a value of which nothing has to be taken out', () => {
  it('stays the same value, and so do the parts of one of which something has to', () => {
    const clean = { labels: { app: 'web' }, list: ['10.0.0.1', { at: 1 }] }
    expect(redactTexts(clean)).toBe(clean)
    const mixed = { clean, list: ['fine', JWT] }
    const made = redactTexts(mixed)
    expect(made).toEqual({ clean, list: ['fine', REDACTED] })
    expect(made.clean).toBe(clean)
    expect(mixed.list).toEqual(['fine', JWT])
  })

  it('and a secret is found however often it is asked for', () => {
    expect([redactText(JWT), redactText(JWT), redactText('x://u:p@')]).toEqual([REDACTED, REDACTED, `x://u:${REDACTED}@`])
  })
})
