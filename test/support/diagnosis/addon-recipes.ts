import { MINUTE } from '../../../src/model/instant.ts'
import type { Recipe } from './recipe.ts'
import type { Stage } from './stage.ts'

function update(stage: Stage, least: number, most: number): void {
  stage.updateCni('v1.22.4-eksbuild.3')
  stage.pass(stage.draw.whole('wait', least, most) * MINUTE)
}

const BEFORE = { cni: ['v1.21.1-eksbuild.7', 'v1.21.2-eksbuild.2'] }

/** A policy engine that answers for objects of one kind. */
export function policyEngine(
  name: string,
  resources: readonly string[],
  operations: readonly string[],
  kind = 'Validating',
): readonly object[] {
  return [
    { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'policies' }, spec: { ports: [{ port: 443 }] } },
    {
      apiVersion: 'v1',
      kind: 'Endpoints',
      metadata: { name, namespace: 'policies' },
      subsets: [{ addresses: [{ ip: '10.0.0.250' }], ports: [{ port: 443 }] }],
    },
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: `${kind}WebhookConfiguration`,
      metadata: { name },
      webhooks: [
        {
          name: `${name}.policies.example.com`,
          admissionReviewVersions: ['v1'],
          clientConfig: { service: { namespace: 'policies', name, path: '/answer' } },
          rules: [{ apiGroups: ['*'], apiVersions: ['*'], operations, resources }],
          failurePolicy: 'Fail',
          sideEffects: 'None',
        },
      ],
    },
  ]
}

/** Updates of the add-on that do not come to their end. */
export const ADDON_RECIPES: readonly Recipe[] = [
  {
    name: 'F19',
    truth: ['F19'],
    wish: () => BEFORE,
    scenario: () => ({ faults: [{ fault: 'addon-crashloop', where: { cniChanged: true } }] }),
    act: (stage) => update(stage, 22, 40),
  },
  {
    name: 'F20',
    truth: ['F20'],
    wish: () => BEFORE,
    scenario: (draw) => ({
      faults: [
        {
          fault: 'workload-edited',
          where: { namespace: 'kube-system', workload: 'aws-node' },
          container: 'aws-node',
          env: draw.pick('edited', [{ WARM_ENI_TARGET: '2' }, { AWS_VPC_K8S_CNI_LOGLEVEL: 'INFO' }, { WARM_ENI_TARGET: '0' }]),
        },
      ],
    }),
    act: (stage) => update(stage, 5, 30),
  },
  {
    name: 'F21',
    truth: ['F21'],
    wish: () => BEFORE,
    scenario: (draw) => {
      const name = draw.pick('engine', ['gatekeeper', 'policies', 'admission-control'])
      return {
        world: { objects: policyEngine(name, ['daemonsets'], ['UPDATE']) },
        faults: [{ fault: 'webhook-answers', where: { webhook: `${name}.policies.example.com` }, behaviour: 'deny' }],
      }
    },
    act: (stage) => update(stage, 5, 30),
  },
]
